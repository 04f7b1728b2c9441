namespace SearchEngine.Lexical.Querying;

/// <summary>A run of a query's text: plain words, a quoted phrase, or a word or phrase with an operator.</summary>
/// <param name="Kind">Whether it must, may or must not match.</param>
/// <param name="Text">The words.</param>
/// <param name="IsQuoted">Whether it stood in quotes.</param>
/// <param name="Field">The field that it is limited to; null for all.</param>
internal readonly record struct QuerySegment(ClauseKind Kind, string Text, bool IsQuoted, string? Field = null);
