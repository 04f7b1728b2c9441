namespace SearchEngine.Migration;

/// <summary>How the rows of a foreign store become records: decided from all of them, before anything is written.</summary>
public sealed record ImportMapping
{
    /// <summary>The collection that is made, or that one that exists must fit.</summary>
    public required CollectionSchema Schema { get; init; }

    /// <summary>The column that becomes the key; null where there is none (see <see cref="Problems"/>).</summary>
    public string? KeyColumn { get; init; }

    /// <summary>Columns and the data fields that they become.</summary>
    public required IReadOnlyList<(string Column, DataField Field)> Fields { get; init; }

    /// <summary>Columns and the vector fields that they become; empty where vectors are made anew.</summary>
    public required IReadOnlyList<(string Column, VectorField Field)> Vectors { get; init; }

    /// <summary>Columns that are left out, and why.</summary>
    public required IReadOnlyList<(string Column, string Reason)> LeftOut { get; init; }

    /// <summary>What cannot be mapped, each with what to do; nothing may be written while there is any.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>What else a user should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Rows in the store.</summary>
    public required long Rows { get; init; }

    /// <summary>The text field that is embedded anew; null where vectors are kept.</summary>
    public string? Embed { get; init; }

    /// <summary>Reads a store once, whole, and decides.</summary>
    /// <exception cref="MigrationException">The store is damaged, or an option names a column that it does not have.</exception>
    public static async Task<ImportMapping> DecideAsync(
        IForeignStore store,
        MappingOptions options,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        var survey = await StoreSurvey.ReadAsync(store, options.Key, progress, cancellationToken).ConfigureAwait(false);
        return new MappingBuilder(store, survey, options).Build();
    }

    /// <summary>The mapping for people, line by line.</summary>
    public IEnumerable<string> Describe()
    {
        yield return $"collection '{Schema.Name}': {Rows.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} records";
        yield return $"  key      {KeyColumn ?? "?"} → {Schema.KeyKind}";
        foreach (var (column, field) in Fields)
            yield return $"  field    {column} → {field.Name}: {(field.IsList ? "list of " : string.Empty)}{field.Type}{Uses(field)}";
        foreach (var (column, field) in Vectors)
            yield return $"  vector   {column} → {field.Name}: {field.Dimension} components, {field.Metric}, kept as they are";
        if (Embed is not null)
        {
            yield return $"  vector   {Embed} is embedded → {Schema.Vectors[0].Name}: {Schema.Vectors[0].Dimension} components, "
                + $"{Schema.Vectors[0].Metric}";
        }

        foreach (var (column, reason) in LeftOut)
            yield return $"  left out {column}: {reason}";
        foreach (var note in Notes)
            yield return $"  note: {note}";
    }

    private static string Uses(DataField field) =>
        (field.IsFullText ? ", full text" : string.Empty) + (field.IsFilterable ? ", filterable" : string.Empty);
}
