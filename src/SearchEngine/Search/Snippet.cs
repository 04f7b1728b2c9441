namespace SearchEngine;

/// <summary>A passage of a field with the places that matched.</summary>
/// <param name="Text">The passage, cut at word borders; an ellipsis marks a cut.</param>
/// <param name="Matches">Where words matched, as spans of <paramref name="Text"/>, ascending and apart.</param>
public sealed record Snippet(string Text, IReadOnlyList<TextSpan> Matches);

/// <summary>A span of a text, in UTF-16 code units.</summary>
/// <param name="Start">The first unit.</param>
/// <param name="Length">How many units.</param>
public readonly record struct TextSpan(int Start, int Length);
