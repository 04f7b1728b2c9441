using System.Globalization;
using SearchEngine.Storage;

namespace SearchEngine.Database;

/// <summary>
/// Refuses to open a collection while that is still possible to say: a process that has used up its file descriptors can load no assembly
/// and start no thread either, and ends in whatever error comes first.
/// </summary>
internal static class DescriptorBudget
{
    /// <summary>
    /// What an open collection takes, measured: log, its mark, two stores, the keyword index's lock; more while it opens.
    /// </summary>
    private const int PerCollection = 16;

    /// <summary>Left for the program around the database, and for what open collections open later (segments, merges, snapshots).</summary>
    private const int Reserve = 64;

    /// <exception cref="SearchDatabaseException">The process is near its limit.</exception>
    public static void ThrowIfSpent(string name)
    {
        if (NativeFile.Descriptors() is not { } descriptors || descriptors.Left >= PerCollection + Reserve)
            return;
        throw new SearchDatabaseException(
            SearchDatabaseError.Storage,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Collection '{name}' is not opened: the process may open {descriptors.Limit} files and has {descriptors.Left} left; an open collection "
                    + $"takes about 5, and {PerCollection + Reserve} are kept for what is open. Raise the limit (ulimit -n), or open fewer collections at a time."
            )
        );
    }
}
