using Microsoft.Extensions.AI;
using SearchEngine.Embeddings;

namespace SearchEngine.Training.Distillation;

/// <summary>A teacher whose folder is here: texts go through the model, queries with its query prompt.</summary>
internal sealed class ModelTeacher : Teacher
{
    private readonly Llm2VecEmbeddingGenerator _generator;
    private readonly EmbeddingGenerationOptions _asQueries = new() { AdditionalProperties = new() { ["role"] = EmbeddingRole.Query } };

    private readonly ModelFolder _folder;

    private ModelTeacher(TeacherConfig config, ModelFolder folder, Llm2VecEmbeddingGenerator generator)
        : base(config)
    {
        _folder = folder;
        _generator = generator;
    }

    public override string Identity => _generator.Fingerprint;

    public override int Dimension => _generator.Dimension;

    /// <summary>Loads the teacher's folder.</summary>
    /// <exception cref="TrainingException">It is missing, damaged or not supported.</exception>
    public static ModelTeacher Load(TeacherConfig config, string folder, int maximumLength)
    {
        try
        {
            var generator = Llm2VecEmbeddingGenerator.Load(folder);
            if (generator.MaxLength > maximumLength)
            {
                generator.Dispose();
                generator = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = folder, MaxLength = maximumLength });
            }

            return new ModelTeacher(config, ModelFolder.Read(folder), generator);
        }
        catch (ModelFormatException e)
        {
            throw new TrainingException(
                $"Teacher '{config.DisplayName}' cannot be loaded: {e.Message} Correct 'model' of this teacher.",
                e
            );
        }
    }

    public override string Reads(DistillationText text) =>
        (text.Role == TextRole.Query ? _folder.QueryPrompt : _folder.DocumentPrompt) + text.Text;

    public override async Task<IReadOnlyList<ReadOnlyMemory<float>?>> EmbedAsync(
        IReadOnlyList<DistillationText> texts,
        CancellationToken cancellationToken
    )
    {
        var vectors = new ReadOnlyMemory<float>?[texts.Count];
        foreach (var role in texts.Select((t, i) => (t.Text, t.Role, Index: i)).GroupBy(t => t.Role))
        {
            var group = role.ToArray();
            var options = role.Key == TextRole.Query ? _asQueries : null;
            var embedded = await _generator.GenerateAsync(group.Select(t => t.Text), options, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < group.Length; i++)
                vectors[group[i].Index] = embedded[i].Vector;
        }

        return vectors;
    }

    public override void Dispose() => _generator.Dispose();
}
