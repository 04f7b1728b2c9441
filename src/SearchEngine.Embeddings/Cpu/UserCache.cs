namespace SearchEngine.Embeddings.Cpu;

/// <summary>Where files go that can be made anew at any time.</summary>
internal static class UserCache
{
    /// <summary>
    /// <c>$XDG_CACHE_HOME/searchengine</c>, <c>~/.cache/searchengine</c>, or on Windows the local application data's; null where the user
    /// has no home. It need not exist, nor be writable.
    /// </summary>
    public static string? Folder
    {
        get
        {
            var root = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(root) && Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home)
                root = Path.Combine(home, ".cache");
            return string.IsNullOrEmpty(root) || !Path.IsPathRooted(root) ? null : Path.Combine(root, "searchengine");
        }
    }
}
