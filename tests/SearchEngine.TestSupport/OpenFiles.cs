using System.Globalization;

namespace SearchEngine.TestSupport;

/// <summary>What this process has open, on Linux. Other tests open and close files meanwhile.</summary>
public static class OpenFiles
{
    /// <summary>The descriptors of open files whose paths begin with a folder's.</summary>
    public static IReadOnlyList<int> Below(string folder) =>
        [
            .. Directory
                .EnumerateFileSystemEntries("/proc/self/fd")
                .Where(link => TargetOf(link)?.StartsWith(folder, StringComparison.Ordinal) == true)
                .Select(link => int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture)),
        ];

    private static string? TargetOf(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName;
        }
        catch (IOException)
        {
            // Closed since the folder was listed.
            return null;
        }
    }
}
