namespace SearchEngine.Api.Security;

/// <summary>A key that opens the host: its hash, what it allows, and where.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Hash">SHA-256 of the key. Keys are 256 random bits, so that a slow hash would add nothing.</param>
/// <param name="Access">What it allows.</param>
/// <param name="Collections">Names, or beginnings with '*' behind them; empty for all.</param>
internal sealed record ApiKey(string Name, byte[] Hash, Access Access, IReadOnlyList<string> Collections);
