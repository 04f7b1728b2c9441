namespace SearchEngine.Training.Distillation;

/// <summary>What a text is to the teacher: a teacher with a query prompt reads queries with it.</summary>
internal enum TextRole
{
    /// <summary>A passage, sentence or title.</summary>
    Document,

    /// <summary>A question or a made-up query.</summary>
    Query,
}
