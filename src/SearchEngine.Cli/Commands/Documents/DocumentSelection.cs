using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>Finds the files that names, paths and globs stand for.</summary>
internal static class DocumentSelection
{
    public static async Task<IReadOnlyList<IngestedFile>> OfAsync(
        DocumentCatalog catalog,
        DocumentPlan plan,
        CancellationToken cancellationToken
    )
    {
        var all = await catalog.ListAsync(cancellationToken);
        if (plan.Names.Count == 0)
            return all;
        var selected = new SortedDictionary<string, IngestedFile>(StringComparer.Ordinal);
        foreach (var name in plan.Names)
        {
            if (name.Length == 0)
                throw new HostException("A name is empty.");
            IReadOnlyList<IngestedFile> found =
                await catalog.FindAsync(name, cancellationToken) is { } file ? [file]
                : GlobPattern.IsPattern(name) ? [.. all.Where(f => new GlobPattern(name).IsMatch(f.Source))]
                : [];
            if (found.Count == 0)
            {
                throw new HostException(
                    $"There is no document '{name}' in collection '{plan.Collection}'; 'searchengine document list' shows what there is."
                );
            }
            foreach (var match in found)
                selected[match.Source] = match;
        }

        return [.. selected.Values];
    }
}
