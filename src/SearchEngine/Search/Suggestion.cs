namespace SearchEngine;

/// <summary>A way to go on with what someone is typing.</summary>
/// <param name="Text">The whole text with its last word completed.</param>
/// <param name="Word">The completed word.</param>
/// <param name="Records">In about how many records the word is, together with the words before it where there are such records.</param>
public sealed record Suggestion(string Text, string Word, int Records);
