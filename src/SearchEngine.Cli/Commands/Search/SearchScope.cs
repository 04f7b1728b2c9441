using System.Globalization;
using SearchEngine.Cli.Databases;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>Which files a search looks into: <c>--path</c>, <c>--type</c>, <c>--since</c>, <c>--where</c>. All of them must hold.</summary>
internal sealed record SearchScope(IReadOnlyList<string> Paths, IReadOnlyList<string> Types, string? Since, string? Where)
{
    /// <summary>The filter; null where everything is searched.</summary>
    /// <exception cref="HostException">An expression has a mistake, or the collection has not the field.</exception>
    public async Task<DocumentFilter?> ToFilterAsync(CollectionSchema schema, DocumentCatalog catalog, CancellationToken cancellationToken)
    {
        var conditions = new List<DocumentFilter>();
        if (Paths.Count > 0)
            conditions.Add(await OfPathsAsync(schema, catalog, cancellationToken));
        if (Types.Count > 0)
        {
            RequireField(schema, IngestionSchema.TypeField, "--type");
            conditions.Add(
                new DocumentFilter.In(IngestionSchema.TypeField, [.. Types.Select(t => (object?)t.TrimStart('.').ToLowerInvariant())])
            );
        }

        if (Since is not null)
        {
            RequireField(schema, IngestionSchema.ModifiedField, "--since");
            if (
                !DateTime.TryParse(
                    Since,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeLocal | DateTimeStyles.AdjustToUniversal,
                    out var since
                )
            )
            {
                throw new HostException($"--since takes a date such as 2026-01-31, not '{Since}'.");
            }
            conditions.Add(DocumentFilter.GreaterOrEqual(IngestionSchema.ModifiedField, since));
        }

        if (Where is not null)
            conditions.Add(WhereExpression.Parse(Where, schema));
        return conditions.Count switch
        {
            0 => null,
            1 => conditions[0],
            _ => new DocumentFilter.And(conditions),
        };
    }

    private async Task<DocumentFilter> OfPathsAsync(CollectionSchema schema, DocumentCatalog catalog, CancellationToken cancellationToken)
    {
        RequireField(schema, ChunkFields.Source, "--path");
        var patterns = Paths.Select(p => (Pattern: new GlobPattern(p), Full: Path.GetFullPath(p))).ToList();
        var files = await catalog.ListAsync(cancellationToken);
        var sources = files.Where(f => patterns.Exists(p => Matches(p.Pattern, f.Source) || Matches(new GlobPattern(p.Full), f.Path)));
        return new DocumentFilter.In(ChunkFields.Source, [.. sources.Select(f => (object?)(f.SameAs ?? f.Source)).Distinct()]);
    }

    /// <summary>A folder stands for all below it, and a pattern without a slash for names anywhere.</summary>
    private static bool Matches(GlobPattern pattern, string path) =>
        pattern.IsMatch(path)
        || path.StartsWith(pattern.Pattern.TrimEnd('/') + "/", StringComparison.Ordinal)
        || (!pattern.Pattern.Contains('/', StringComparison.Ordinal) && pattern.IsMatch(path[(path.LastIndexOf('/') + 1)..]));

    private static void RequireField(CollectionSchema schema, string field, string option)
    {
        if (schema.FindField(field) is null)
        {
            throw new HostException(
                $"{option} needs the field '{field}', which collection '{schema.Name}' has not: an earlier version made it; ingest into a new collection."
            );
        }
    }
}
