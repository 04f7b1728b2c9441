namespace SearchEngine.Embeddings.Weights;

/// <summary>
/// The Hugging Face hub's cache: models--OWNER--NAME with refs/REVISION, a file that holds a commit, and snapshots/COMMIT, the files. The
/// commit that refs/main names is the model's; others are older or newer, whatever their files' times say.
/// </summary>
internal static class HubCache
{
    private const string DefaultRevision = "main";

    /// <summary>The snapshot of a model by its hub name, or null if the cache does not have the model.</summary>
    /// <param name="name">OWNER/NAME.</param>
    /// <param name="revision">A branch, tag or commit; null for main.</param>
    /// <exception cref="ModelFormatException">The model is there, but not this revision.</exception>
    public static string? Find(string name, string? revision)
    {
        var folder = Path.Combine(Root(), "models--" + name.Replace("/", "--", StringComparison.Ordinal));
        return IsModel(folder) ? Snapshot(folder, revision) : null;
    }

    /// <summary>True for a model's folder of the cache, which holds its snapshots.</summary>
    public static bool IsModel(string folder) => Directory.Exists(Path.Combine(folder, "snapshots"));

    /// <summary>The snapshot of a model's folder of the cache.</summary>
    /// <exception cref="ModelFormatException">There is none of this revision, or without one named there are several.</exception>
    public static string Snapshot(string folder, string? revision)
    {
        var snapshots = Path.Combine(folder, "snapshots");
        var wanted = string.IsNullOrEmpty(revision) ? DefaultRevision : revision;
        var reference = Path.Combine(folder, "refs", wanted.Replace('/', Path.DirectorySeparatorChar));
        var commit = wanted;
        if (Path.GetFullPath(reference).StartsWith(Path.GetFullPath(folder), StringComparison.Ordinal) && File.Exists(reference))
            commit = File.ReadAllText(reference).Trim();
        if (commit.Length > 0 && commit == Path.GetFileName(commit) && Directory.Exists(Path.Combine(snapshots, commit)))
            return Path.Combine(snapshots, commit);
        string[] all = [.. Directory.EnumerateDirectories(snapshots).Order(StringComparer.Ordinal)];
        if (string.IsNullOrEmpty(revision) && !File.Exists(reference) && all.Length == 1)
            return all[0];
        throw new ModelFormatException(
            folder,
            $"the cache has no snapshot of revision '{wanted}'"
                + (
                    all.Length == 0
                        ? "."
                        : $"; it has {string.Join(", ", all.Select(Path.GetFileName))}. Fetch the revision, or point at one of these folders."
                )
        );
    }

    private static string Root() =>
        Environment.GetEnvironmentVariable("HF_HUB_CACHE")
        ?? Path.Combine(
            Environment.GetEnvironmentVariable("HF_HOME")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "huggingface"),
            "hub"
        );
}
