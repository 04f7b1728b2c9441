using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>The evaluations of a model alone, without the engine; scores are fractions.</summary>
internal static class ModelScores
{
    public static Task<double> StsAsync(LoadedModel model, string file, CancellationToken cancellationToken) =>
        EvaluationRuns.StsAsync(EvaluationFiles.ReadSts(file), TextEmbedders.From(model.Documents), cancellationToken);

    public static Task<double> ClassificationAsync(LoadedModel model, string train, string test, CancellationToken cancellationToken) =>
        EvaluationRuns.ClassificationAsync(
            EvaluationFiles.ReadClassification(train),
            EvaluationFiles.ReadClassification(test),
            TextEmbedders.From(model.Documents),
            cancellationToken
        );

    public static Task<double> WordAsync(
        string modelFolder,
        string train,
        string test,
        bool causal,
        bool previousPosition,
        CancellationToken cancellationToken
    ) =>
        Task.Run(
            () =>
                EvaluationRuns.Word(
                    modelFolder,
                    EvaluationFiles.ReadConllu(train),
                    EvaluationFiles.ReadConllu(test),
                    causal,
                    previousPosition,
                    cancellationToken
                ),
            cancellationToken
        );
}
