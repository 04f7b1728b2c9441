namespace SearchEngine.Ingestion;

/// <summary>
/// The schema of collections that files are ingested into. A chunk's key is "SOURCE#N", N counting the chunks of a file from 0.
/// </summary>
public static class IngestionSchema
{
    /// <summary>Title of the document (string, full text, boosted).</summary>
    public const string TitleField = "title";

    /// <summary>Text of the chunk (string, full text).</summary>
    public const string TextField = "text";

    /// <summary>Headings above the chunk, "A › B" (string, full text, null where there is none).</summary>
    public const string HeadingField = "heading";

    /// <summary>The file: its absolute path, or relative to <see cref="IngestionOptions.BaseDirectory"/> (string, filterable).</summary>
    public const string SourceField = "source";

    /// <summary>Page number from 1 (int, filterable, null for formats without pages).</summary>
    public const string PageField = "page";

    /// <summary>Number of the chunk in its file, from 0 (int, filterable).</summary>
    public const string ChunkField = "chunk";

    /// <summary>Id of the document: the source, or for JSON lines the record's own id (string, filterable).</summary>
    public const string DocumentField = "document";

    /// <summary>The line of the file on which the chunk starts, from 1 (int, filterable, null for formats without lines).</summary>
    public const string LineField = "line";

    /// <summary>
    /// Kind of the file: its extension without the dot, lower case; the reader's name for files without one (string, filterable).
    /// </summary>
    public const string TypeField = "type";

    /// <summary>When the file was written last (DateTime, UTC, filterable).</summary>
    public const string ModifiedField = "modified";

    /// <summary>Digest of the text that was embedded; chunks whose digest is stored are not embedded again (string).</summary>
    public const string DigestField = "digest";

    /// <summary>The vector field.</summary>
    public const string VectorField = "vector";

    // A word in the title says more than one in the text, but less than two.
    private const float TitleBoost = 1.5f;

    /// <summary>Makes the schema.</summary>
    /// <param name="name">The collection's name.</param>
    /// <param name="dimension">Dimension of the vectors; 0 for a collection searched by keyword only.</param>
    /// <param name="embeddingModel">Identity of the embedding model.</param>
    /// <param name="configure">Changes the vector field, for instance its index.</param>
    /// <param name="properties">Fields that take what documents say of themselves under the same name (front matter, columns, fields of
    /// records).</param>
    public static CollectionSchema Create(
        string name,
        int dimension,
        string? embeddingModel = null,
        Func<VectorField, VectorField>? configure = null,
        IReadOnlyList<DataField>? properties = null
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfNegative(dimension);
        var vector = new VectorField(VectorField, dimension) { SourceField = TextField };
        return new CollectionSchema
        {
            Name = name,
            KeyKind = RecordKeyKind.String,
            Fields =
            [
                new DataField(TitleField, DataFieldType.String) { IsFullText = true, Boost = TitleBoost },
                new DataField(TextField, DataFieldType.String) { IsFullText = true },
                new DataField(HeadingField, DataFieldType.String) { IsFullText = true },
                new DataField(SourceField, DataFieldType.String) { IsFilterable = true },
                new DataField(PageField, DataFieldType.Int32) { IsFilterable = true },
                new DataField(ChunkField, DataFieldType.Int32) { IsFilterable = true },
                new DataField(DocumentField, DataFieldType.String) { IsFilterable = true },
                new DataField(LineField, DataFieldType.Int32) { IsFilterable = true },
                new DataField(TypeField, DataFieldType.String) { IsFilterable = true },
                new DataField(ModifiedField, DataFieldType.DateTime) { IsFilterable = true },
                new DataField(DigestField, DataFieldType.String),
                .. properties ?? [],
            ],
            Vectors = dimension == 0 ? [] : [configure?.Invoke(vector) ?? vector],
            EmbeddingModel = dimension == 0 ? null : embeddingModel,
        };
    }

    /// <summary>The key of a chunk.</summary>
    public static RecordKey Key(string source, int chunk) =>
        RecordKey.From(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{source}#{chunk}"));

    /// <summary>Whether a field is one of those above.</summary>
    internal static bool IsOwn(string name) => OwnFields.Contains(name);

    internal static string TypeOf(string path, IDocumentReader reader) =>
        Path.GetExtension(path) is { Length: > 1 } extension ? extension[1..].ToLowerInvariant() : reader.Name.Split('(')[0];

    private static readonly HashSet<string> OwnFields =
    [
        TitleField,
        TextField,
        HeadingField,
        SourceField,
        PageField,
        ChunkField,
        DocumentField,
        LineField,
        TypeField,
        ModifiedField,
        DigestField,
    ];

    /// <summary>Fields that collections of earlier versions have not; they are left out there.</summary>
    private static readonly HashSet<string> NewFields = [LineField, TypeField, ModifiedField, DigestField];

    /// <summary>Refuses a collection that files cannot be taken into, before anything is read.</summary>
    /// <param name="schema">The collection's schema.</param>
    /// <exception cref="ArgumentException">The collection was not made for ingestion; the message says what it lacks.</exception>
    public static void RequireFits(CollectionSchema schema)
    {
        foreach (var field in Create(schema.Name, 0).Fields.Where(f => !NewFields.Contains(f.Name)))
        {
            if (schema.FindField(field.Name) is not { } own || own.Type != field.Type || own.IsList)
            {
                throw new ArgumentException(
                    $"Collection '{schema.Name}' cannot take files: it lacks the {field.Type} field '{field.Name}'. "
                        + "Take them into a collection that is not there yet: it is made for files."
                );
            }
        }
        if (schema.KeyKind != RecordKeyKind.String)
            throw new ArgumentException($"Collection '{schema.Name}' cannot take files: its keys are {schema.KeyKind}, not strings.");
    }
}
