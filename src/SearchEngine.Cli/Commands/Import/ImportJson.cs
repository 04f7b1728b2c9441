using SearchEngine.Migration;

namespace SearchEngine.Cli.Commands.Import;

/// <summary>The JSON of <c>import --json</c>.</summary>
internal static class ImportJson
{
    public static object Of(IForeignStore store, ImportMapping mapping, ImportReport? report) =>
        new
        {
            store = store.Kind,
            collection = mapping.Schema.Name,
            rows = mapping.Rows,
            key = new { column = mapping.KeyColumn, kind = mapping.Schema.KeyKind },
            fields = mapping.Fields.Select(item => new
            {
                column = item.Column,
                name = item.Field.Name,
                type = item.Field.Type,
                isList = item.Field.IsList,
                isFullText = item.Field.IsFullText,
                isFilterable = item.Field.IsFilterable,
            }),
            vectors = mapping.Schema.Vectors.Select(field => new
            {
                column = mapping.Embed ?? mapping.Vectors.First(item => item.Field == field).Column,
                name = field.Name,
                dimension = field.Dimension,
                metric = field.Metric,
                isMadeAnew = mapping.Embed is not null,
            }),
            leftOut = mapping.LeftOut.Select(item => new { column = item.Column, reason = item.Reason }),
            notes = mapping.Notes,
            problems = mapping.Problems,
            written = report?.Written,
            unchanged = report?.Unchanged,
        };
}
