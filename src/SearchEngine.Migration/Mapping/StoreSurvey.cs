using System.IO.Hashing;
using System.Text;

namespace SearchEngine.Migration;

/// <summary>One whole reading of a store: its columns and whether its keys are keys. Holds 16 bytes a row.</summary>
internal sealed class StoreSurvey
{
    private readonly Dictionary<string, ColumnSurvey> _columns = new(StringComparer.Ordinal);

    public long Rows { get; private set; }

    /// <summary>In the order in which they were first seen.</summary>
    public List<ColumnSurvey> Columns { get; } = [];

    /// <summary>The place and text of the first key that was there before; null where all differ.</summary>
    public (string Place, string Key)? Duplicate { get; private set; }

    /// <summary>The place of the first row without a key.</summary>
    public string? WithoutKey { get; private set; }

    /// <summary>Whether every key is a Guid as Guids are usually written.</summary>
    public bool KeysAreGuids { get; private set; } = true;

    /// <summary>Whether every key is a whole number of 64 bits.</summary>
    public bool KeysAreIntegers { get; private set; } = true;

    public ColumnSurvey? Find(string name) => _columns.GetValueOrDefault(name);

    /// <param name="store">What to read.</param>
    /// <param name="key">The key's column; null takes the one that the store names by then, or "id".</param>
    /// <param name="progress">Gets the rows so far.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    public static async Task<StoreSurvey> ReadAsync(
        IForeignStore store,
        string? key,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        // A dump names the key behind the data: where it is not known before, rows are looked at a second time.
        var survey = await PassAsync(store, key ?? store.Facts.KeyColumn, progress, cancellationToken).ConfigureAwait(false);
        var known = key ?? store.Facts.KeyColumn;
        return survey._key == known ? survey : await PassAsync(store, known, progress, cancellationToken).ConfigureAwait(false);
    }

    private string? _key;

    private static async Task<StoreSurvey> PassAsync(
        IForeignStore store,
        string? key,
        IProgress<long>? progress,
        CancellationToken cancellationToken
    )
    {
        var survey = new StoreSurvey { _key = key };
        var seen = new HashSet<UInt128>();
        await foreach (var row in store.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            survey.Rows++;
            foreach (var (name, value) in row.Values)
            {
                if (!survey._columns.TryGetValue(name, out var column))
                {
                    survey._columns[name] = column = new ColumnSurvey(name);
                    survey.Columns.Add(column);
                }
                column.Take(value, row.Place);
            }
            if (key is not null)
                survey.TakeKey(row, key, seen);
            progress?.Report(survey.Rows);
        }

        return survey;
    }

    private void TakeKey(ForeignRow row, string key, HashSet<UInt128> seen)
    {
        if (RowValues.KeyText(row.Values.GetValueOrDefault(key)) is not { Length: > 0 } text)
        {
            WithoutKey ??= row.Place;
            return;
        }

        if (!seen.Add(XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(text))))
            Duplicate ??= (row.Place, text);
        var value = row.Values[key];
        KeysAreGuids =
            KeysAreGuids && (value is Guid || (value is string && Guid.TryParseExact(text, "D", out var guid) && guid.ToString() == text));
        KeysAreIntegers =
            KeysAreIntegers
            && (
                value is long
                || (
                    value is UntypedText
                    && long.TryParse(text, out var number)
                    && number.ToString(System.Globalization.CultureInfo.InvariantCulture) == text
                )
            );
    }
}
