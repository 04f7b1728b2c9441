using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SearchEngine.Migration;

/// <summary>
/// Points of Qdrant as its scroll gives them (<c>POST /collections/NAME/points/scroll</c> with <c>with_vector: true</c>): answers one
/// after the
/// other, whole or as JSON lines, or the points alone as the clients hand them out. Payload keys are columns; the id is <c>$id</c>, the
/// unnamed
/// vector <c>$vector</c>, a named one <c>$vector.NAME</c>.
/// </summary>
internal sealed class QdrantScroll(string path) : IForeignStore
{
    public const string HowToExport =
        "scroll the collection into a JSON file instead: POST /collections/NAME/points/scroll with "
        + "{\"limit\":1000,\"with_payload\":true,\"with_vector\":true}, "
        + "again with \"offset\" set to each answer's next_page_offset until it is null, one answer a line";

    public string Kind => "Qdrant scroll";

    public string Name => Path.GetFileNameWithoutExtension(path);

    public StoreFacts Facts { get; } = new() { KeyColumn = "$id" };

    public static bool Looks(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        && (
            (value.TryGetProperty("result", out var result) && result.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            || value.TryGetProperty("points", out _)
            || (value.TryGetProperty("id", out _) && (value.TryGetProperty("payload", out _) || value.TryGetProperty("vector", out _)))
        );

    public async IAsyncEnumerable<ForeignRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var row = 0L;
        JsonElement? openEnd = null;
        await foreach (var value in JsonStream.ReadAsync(path, cancellationToken).ConfigureAwait(false))
        {
            var page = PageOf(value);
            if (page.ValueKind == JsonValueKind.Undefined)
            {
                yield return RowOf(value, ++row);
                continue;
            }

            foreach (var point in PointsOf(page, row))
                yield return RowOf(point, ++row);
            openEnd =
                page.ValueKind == JsonValueKind.Object
                && page.TryGetProperty("next_page_offset", out var next)
                && next.ValueKind is JsonValueKind.Number or JsonValueKind.String
                    ? next
                    : null;
        }

        if (openEnd is { } offset)
        {
            throw new MigrationException(
                $"The scroll ends before the collection does: its last answer goes on at offset {offset.GetRawText()}. Fetch "
                    + "the pages from there and append them."
            );
        }
        Facts.Notes.Add("a scroll does not say the metric: see the collection's configuration, and --metric");
    }

    /// <summary>The part of an answer that holds points; undefined where the value is a point itself.</summary>
    private static JsonElement PageOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return default;
        if (
            value.TryGetProperty("status", out var status)
            && status.ValueKind == JsonValueKind.Object
            && status.TryGetProperty("error", out var error)
        )
        {
            throw new MigrationException($"The file holds an error of Qdrant instead of points: {error.GetRawText()}");
        }
        if (value.TryGetProperty("result", out var result))
            return result;
        return value.TryGetProperty("points", out _) ? value : default;
    }

    private static JsonElement.ArrayEnumerator PointsOf(JsonElement page, long row)
    {
        if (page.ValueKind == JsonValueKind.Array)
            return page.EnumerateArray();
        return
            page.ValueKind == JsonValueKind.Object
            && page.TryGetProperty("points", out var points)
            && points.ValueKind == JsonValueKind.Array
            ? points.EnumerateArray()
            : throw new MigrationException($"After point {row} the file holds an answer without points; {HowToExport}.");
    }

    private static ForeignRow RowOf(JsonElement point, long row)
    {
        var place = $"point {row}";
        if (point.ValueKind != JsonValueKind.Object || !point.TryGetProperty("id", out var id))
            throw new MigrationException($"{place} has no id: the file is no scroll of Qdrant; {HowToExport}.");
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["$id"] =
                id.ValueKind == JsonValueKind.Number && id.TryGetUInt64(out var large) && large > long.MaxValue
                    ? large.ToString(System.Globalization.CultureInfo.InvariantCulture)
                    : JsonScalars.ValueOf(id),
        };
        if (point.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in payload.EnumerateObject())
                values[field.Name] = JsonScalars.ValueOf(field.Value);
        }

        if (!point.TryGetProperty("vector", out var vector) || vector.ValueKind is JsonValueKind.Null)
            return new ForeignRow(place, values);
        if (vector.ValueKind == JsonValueKind.Object)
        {
            foreach (var named in vector.EnumerateObject())
                values[named.Name.Length == 0 ? "$vector" : "$vector." + named.Name] = VectorOf(named.Value);
        }
        else
        {
            values["$vector"] = VectorOf(vector);
        }

        return new ForeignRow(place, values);
    }

    private static object VectorOf(JsonElement vector) =>
        JsonScalars.VectorOf(vector) is { } dense ? dense
        : vector.ValueKind == JsonValueKind.Object ? new UnmappedValue("a sparse vector")
        : new UnmappedValue("a multivector");
}
