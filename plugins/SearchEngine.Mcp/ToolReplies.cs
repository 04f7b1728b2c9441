namespace SearchEngine.Mcp;

/// <summary>A passage that was found.</summary>
/// <param name="Key">Its key, for the tool "get".</param>
/// <param name="Score">Larger is better.</param>
/// <param name="Title">The document's title.</param>
/// <param name="Source">The document's source.</param>
/// <param name="Text">The passage, or the best part of it.</param>
public sealed record FoundPassage(string Key, double Score, string? Title, string? Source, string Text);

/// <summary>What a search found, best first.</summary>
/// <param name="Collection">Where.</param>
/// <param name="Passages">The passages.</param>
/// <param name="CorrectedTo">What was searched for where the query's words matched nothing; null otherwise.</param>
public sealed record FoundPassages(string Collection, IReadOnlyList<FoundPassage> Passages, string? CorrectedTo);

/// <summary>A document as stored.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Fields">Its fields that have a value.</param>
public sealed record StoredDocument(string Key, IReadOnlyDictionary<string, object?> Fields);

/// <summary>A collection.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Documents">How many documents (passages) it holds.</param>
/// <param name="Fields">Its fields.</param>
public sealed record ListedCollection(string Name, long Documents, IReadOnlyList<string> Fields);

/// <summary>What a write did.</summary>
/// <param name="Collection">Where.</param>
/// <param name="Source">Of which source.</param>
/// <param name="Passages">How many passages were written, or deleted.</param>
public sealed record ChangedPassages(string Collection, string Source, long Passages);
