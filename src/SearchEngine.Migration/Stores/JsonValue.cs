namespace SearchEngine.Migration;

/// <summary>A nested value, as JSON text.</summary>
/// <param name="Text">The JSON, without spaces between its parts.</param>
public sealed record JsonValue(string Text);
