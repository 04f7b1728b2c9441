namespace SearchEngine.Ingestion;

/// <summary>Files or folders that an ingestion did not read, of one kind.</summary>
/// <param name="Kind">Why: "hidden", "ignored" (.gitignore), "excluded", "build output", "link", "special", or the extension that no reader
/// takes.</param>
/// <param name="Count">How many.</param>
/// <param name="Examples">The first of them, with their full paths.</param>
public sealed record PassedOver(string Kind, int Count, IReadOnlyList<string> Examples);
