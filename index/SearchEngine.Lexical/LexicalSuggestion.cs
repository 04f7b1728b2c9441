namespace SearchEngine.Lexical;

/// <summary>A way to go on with what someone is typing.</summary>
/// <param name="Text">The whole text with its last word completed.</param>
/// <param name="Word">The completed word.</param>
/// <param name="Documents">In how many documents the word is, together with the words before it where there are such documents.</param>
public sealed record LexicalSuggestion(string Text, string Word, int Documents);
