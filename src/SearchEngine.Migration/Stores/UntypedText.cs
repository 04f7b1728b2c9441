namespace SearchEngine.Migration;

/// <summary>A value of a format that says nothing of types; its type is that which all values of the column can be read as.</summary>
/// <param name="Text">The value as it is written.</param>
public sealed record UntypedText(string Text);
