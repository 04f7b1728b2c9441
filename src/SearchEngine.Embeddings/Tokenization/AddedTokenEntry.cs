namespace SearchEngine.Embeddings;

/// <summary>A token that a configuration file adds to the vocabulary.</summary>
internal readonly record struct AddedTokenEntry(int Id, bool IsSpecial);
