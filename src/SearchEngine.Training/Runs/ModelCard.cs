using System.Globalization;
using System.Text;
using SearchEngine.Embeddings;

namespace SearchEngine.Training;

/// <summary>Writes the model card (README.md) of a trained folder: shape, data with licences, steps, scores with their commands.</summary>
public static class ModelCard
{
    /// <summary>Writes README.md into a model folder, replacing one that is there.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="runs">The runs that led to the model, in order, under a name each.</param>
    /// <param name="scores">Measured scores.</param>
    /// <exception cref="TrainingException">The folder holds no model.</exception>
    public static void Write(
        string folder,
        IReadOnlyList<(string Name, TrainingConfig Config, TrainingProgress Last)> runs,
        IReadOnlyList<ModelCardScore> scores
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(scores);
        DecoderConfig shape;
        try
        {
            shape = DecoderConfigReader.Read(folder);
        }
        catch (ModelFormatException e)
        {
            throw new TrainingException($"No model card for '{folder}': {e.Message}", e);
        }

        var card = new StringBuilder();
        card.Append(
            CultureInfo.InvariantCulture,
            $"# Text embedding model\n\nA {shape.ModelType} decoder used as a bidirectional text encoder (LLM2Vec): {shape.ParameterCount / 1e6:F1} M parameters, {shape.HiddenSize} dimensions, {shape.Layers} layers, vocabulary {shape.VocabularySize}. Mean pooling over the last states.\n\n## Training\n\n"
        );
        foreach (var (name, config, last) in runs)
        {
            card.Append(
                CultureInfo.InvariantCulture,
                $"- **{name}**: {last.Step} steps of {config.BatchSize}, at most {config.MaximumLength} tokens, {(config.Lora is { } lora ? $"adapter of rank {lora.Rank}" : "no adapter")}, learning rate {config.LearningRate:G3}, seed {config.Seed}; last loss {last.Loss:F3}, accuracy {last.Accuracy:F3}, {last.Seconds / 60:F0} minutes.\n"
            );
        }

        card.Append("\n## Data\n\n| source | kind | licence |\n|---|---|---|\n");
        foreach (var source in runs.SelectMany(r => Sources(r.Config)).DistinctBy(d => d.DisplayName))
            card.Append(CultureInfo.InvariantCulture, $"| {source.DisplayName} | {source.Kind} | {source.License ?? "not stated"} |\n");
        var teachers = runs.Select(r => r.Config)
            .OfType<DistillConfig>()
            .SelectMany(c => c.Teachers)
            .DistinctBy(t => t.DisplayName)
            .ToList();
        if (teachers.Count > 0)
        {
            card.Append("\n## Teachers\n\n| model | licence |\n|---|---|\n");
            foreach (var teacher in teachers)
                card.Append(CultureInfo.InvariantCulture, $"| {teacher.DisplayName} | {teacher.License ?? "not stated"} |\n");
        }
        if (scores.Count > 0)
        {
            card.Append("\n## Scores\n\n| measure | score | command |\n|---|---|---|\n");
            foreach (var score in scores)
                card.Append(CultureInfo.InvariantCulture, $"| {score.Measure} | {score.Score} | `{score.Command}` |\n");
        }

        File.WriteAllText(Path.Combine(folder, "README.md"), card.ToString());
    }

    private static IEnumerable<DataSource> Sources(TrainingConfig config) =>
        config is DistillConfig { Pairs: { } pairs } ? config.Data.Concat(pairs.Data) : config.Data;
}
