namespace SearchEngine.Embeddings.Weights;

/// <summary>Makes a folder that appears complete or not at all.</summary>
internal static class OutputFolder
{
    /// <summary>Fills a folder under another name beside it, then renames it.</summary>
    /// <param name="output">A folder that does not exist yet, or is empty.</param>
    /// <param name="fill">Told the folder to put files into.</param>
    /// <exception cref="IOException">The folder holds files already, or cannot be written.</exception>
    public static void Write(string output, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(output);
        output = Path.GetFullPath(Path.TrimEndingDirectorySeparator(output));
        RefuseFilled(output);
        var parent = Path.GetDirectoryName(output) ?? throw new IOException($"{output} is not a folder that can be made.");
        Directory.CreateDirectory(parent);
        var temporary = Path.Combine(parent, $".{Path.GetFileName(output)}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(temporary);
            fill(temporary);
            RefuseFilled(output);
            if (Directory.Exists(output))
                Directory.Delete(output);
            Directory.Move(temporary, output);
        }
        catch
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    private static void RefuseFilled(string output)
    {
        if (File.Exists(output) || (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()))
            throw new IOException($"{output} exists already and is not empty; choose another output folder.");
    }
}
