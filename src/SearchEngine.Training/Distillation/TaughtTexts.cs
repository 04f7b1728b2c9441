namespace SearchEngine.Training.Distillation;

/// <summary>
/// The texts of a distillation that every teacher has a vector of, with the teachers. Owns the teachers and their caches.
/// </summary>
internal sealed class TaughtTexts : IDisposable
{
    private TaughtTexts(IReadOnlyList<TeacherVectors> teachers, int drawn, IReadOnlyList<DistillationText> texts)
    {
        Teachers = teachers;
        Drawn = drawn;
        Texts = texts;
    }

    /// <summary>Rows are those of <see cref="Texts"/>.</summary>
    public IReadOnlyList<TeacherVectors> Teachers { get; }

    /// <summary>Texts before those without a vector were left out.</summary>
    public int Drawn { get; }

    public IReadOnlyList<DistillationText> Texts { get; }

    /// <summary>Draws the texts and fills the teachers' caches.</summary>
    /// <exception cref="TrainingException">Data, a teacher or its cache are not usable, or too few texts are left.</exception>
    public static TaughtTexts Open(
        DistillConfig config,
        IProgress<string>? messages,
        CancellationToken cancellationToken,
        Func<TeacherConfig, Teacher>? load = null
    )
    {
        var texts = Draw(config, cancellationToken);
        messages?.Report($"{texts.Count:N0} texts of {config.Data.Count} sources, seed {config.TextSeed}");
        var teachers = new List<TeacherVectors>();
        try
        {
            var known = new bool[texts.Count];
            Array.Fill(known, true);
            foreach (var teacher in config.Teachers)
            {
                var vectors = new TeacherVectors(load?.Invoke(teacher) ?? Load(teacher, config), config.Resolve(config.Cache));
                teachers.Add(vectors);
                var has = vectors.Fill(texts, messages, cancellationToken);
                for (var i = 0; i < known.Length; i++)
                    known[i] &= has[i];
            }

            var rows = Enumerable.Range(0, texts.Count).Where(i => known[i]).ToArray();
            if (rows.Length < 2)
            {
                throw new TrainingException(
                    $"Of {texts.Count} texts only {rows.Length} have a vector of every teacher: 'vectors' files are of other texts than 'data'."
                );
            }
            foreach (var vectors in teachers)
                vectors.Select(rows);
            return new TaughtTexts(teachers, texts.Count, [.. rows.Select(r => texts[r])]);
        }
        catch
        {
            teachers.ForEach(t => t.Dispose());
            throw;
        }
    }

    /// <summary>The texts of a distillation, whether or not a teacher knows them.</summary>
    public static List<DistillationText> Draw(DistillConfig config, CancellationToken cancellationToken) =>
        new TextMaker(
            config.Data,
            config.BaseDirectory,
            config.Shares,
            config.MaximumCharacters,
            config.MaximumLongCharacters,
            config.TextSeed
        ).Take(config.Texts, cancellationToken);

    public void Dispose()
    {
        foreach (var teacher in Teachers)
            teacher.Dispose();
    }

    private static Teacher Load(TeacherConfig teacher, DistillConfig config) =>
        teacher.Model is { } folder
            ? ModelTeacher.Load(teacher, config.Resolve(folder), config.MaximumLength)
            : VectorFileTeacher.Load(teacher, config.Resolve(teacher.Vectors!));
}
