namespace SearchEngine.Training.Distillation;

/// <summary>A source of vectors to learn. Not thread-safe.</summary>
internal abstract class Teacher(TeacherConfig config) : IDisposable
{
    public TeacherConfig Config { get; } = config;

    /// <summary>What its vectors depend on; a cache of another identity is refused.</summary>
    public abstract string Identity { get; }

    /// <summary>Elements of a vector.</summary>
    public abstract int Dimension { get; }

    /// <summary>The text as the teacher reads it: with its prompt for queries. The cache's key is made of it.</summary>
    public virtual string Reads(DistillationText text) => text.Text;

    /// <summary>Embeds texts: one vector each, or null for a text it cannot embed.</summary>
    public abstract Task<IReadOnlyList<ReadOnlyMemory<float>?>> EmbedAsync(
        IReadOnlyList<DistillationText> texts,
        CancellationToken cancellationToken
    );

    public virtual void Dispose() { }
}
