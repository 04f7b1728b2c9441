using System.Globalization;

namespace SearchEngine.Workloads;

/// <summary>What the system says this process holds.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Kilobytes of a line of the process' status ("VmRSS", "RssAnon"); null where the system has none.</summary>
    public static long? Kilobytes(string name) =>
        File.Exists(Status)
        && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal)) is { } line
            ? long.Parse(line[(name.Length + 1)..].Trim().Split(' ')[0], CultureInfo.InvariantCulture)
            : null;
}
