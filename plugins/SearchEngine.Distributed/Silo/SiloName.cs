namespace SearchEngine.Distributed.Silo;

/// <summary>The name of this silo.</summary>
internal sealed record SiloName(string Value);
