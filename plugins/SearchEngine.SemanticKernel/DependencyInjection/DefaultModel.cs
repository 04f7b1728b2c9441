namespace SearchEngine.SemanticKernel;

/// <summary>Finds the shipped embedding model.</summary>
internal static class DefaultModel
{
    /// <summary>The model's place under a repository or an installation.</summary>
    public const string RelativePath = "models/default";

    /// <summary>The model's directory: beside the program, in a directory above it, or in the working directory or above it.</summary>
    /// <exception cref="DirectoryNotFoundException">It is in none of them.</exception>
    public static string Find()
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Environment.CurrentDirectory })
        {
            for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
            {
                var candidate = Path.Combine(directory.FullName, RelativePath);
                if (File.Exists(Path.Combine(candidate, "config.json")))
                    return candidate;
            }
        }

        throw new DirectoryNotFoundException(
            $"No embedding model: there is no '{RelativePath}' beside the program or above it. Add the package SearchEngine.Models.Default, set {nameof(SearchEngineOptions)}.{nameof(SearchEngineOptions.ModelDirectory)}, or register an IEmbeddingGenerator<string, Embedding<float>>."
        );
    }
}
