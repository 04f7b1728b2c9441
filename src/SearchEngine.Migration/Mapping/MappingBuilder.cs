using SearchEngine.Vectors;

namespace SearchEngine.Migration;

/// <summary>Makes a mapping of what a survey found and a user decided. What has no counterpart is refused by name, never dropped.</summary>
internal sealed class MappingBuilder(IForeignStore store, StoreSurvey survey, MappingOptions options)
{
    /// <summary>Texts from this length on are read by keyword search; shorter ones are names and labels.</summary>
    private const int FullTextLength = 64;

    /// <summary>Texts up to this length can be filtered by.</summary>
    private const int FilterLength = 256;

    /// <summary>Columns of these names are texts however short they are.</summary>
    private static readonly HashSet<string> TextNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "text",
        "document",
        "content",
        "body",
        "title",
        "page_content",
        "chunk",
        "summary",
        "description",
    };

    private readonly List<(string Column, DataField Field)> _fields = [];
    private readonly List<(string Column, VectorField Field)> _vectors = [];
    private readonly List<(string Column, string Reason)> _leftOut = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public ImportMapping Build()
    {
        RequireColumns();
        var key = options.Key ?? store.Facts.KeyColumn;
        CheckKey(key);
        foreach (var column in survey.Columns.Where(column => column.Name != key))
        {
            if (options.Skip.Contains(column.Name) || options.Skip.Contains(column.Name.TrimStart('$')))
                _leftOut.Add((column.Name, "as asked for"));
            else if (column.Values == 0)
                _leftOut.Add((column.Name, "no row has a value"));
            else
                Add(column);
        }

        return new ImportMapping
        {
            Schema = SchemaOf(),
            KeyColumn = key,
            Fields = _fields,
            Vectors = _vectors,
            LeftOut = _leftOut,
            Problems = _problems,
            Notes = NotesOf(),
            Rows = survey.Rows,
            Embed = EmbedField()?.Name,
        };
    }

    private void RequireColumns()
    {
        var asked = new (string Option, IEnumerable<string> Names)[]
        {
            ("--key", options.Key is null ? [] : [options.Key]),
            ("--field", options.Types.Keys),
            ("--rename", options.Names.Keys),
            ("--skip", options.Skip),
            ("--text", options.FullText ?? []),
            ("--embed", options.Embed is null ? [] : [options.Embed]),
        };
        foreach (var (option, names) in asked)
        {
            foreach (var name in names.Where(name => survey.Find(name) is null && survey.Find("$" + name) is null))
            {
                throw new MigrationException(
                    $"{option} names '{name}', which is no column of the {store.Kind}; it has: "
                        + $"{string.Join(", ", survey.Columns.Select(column => column.Name))}."
                );
            }
        }
    }

    private void CheckKey(string? key)
    {
        if (key is null)
        {
            _problems.Add("no column is known to be the key: name one with --key COLUMN");
        }
        else if (survey.WithoutKey is { } place)
        {
            _problems.Add($"{place} has no usable key in '{key}' (a text, a whole number or a Guid): name another column with --key");
        }
        else if (survey.Duplicate is { } duplicate)
        {
            _problems.Add(
                $"{duplicate.Place} has the key '{duplicate.Key}' a second time, and one record would replace the other: name "
                    + "another column with --key"
            );
        }
    }

    private void Add(ColumnSurvey column)
    {
        var type = options.Types.TryGetValue(column.Name, out var asked) ? asked : (DataFieldType?)null;
        var untyped = column.Kinds.Count == 1 && column.Kinds.ContainsKey("text") ? column.Untyped : null;
        var vectors =
            column.Kinds.Count == 1 && column.Kinds.ContainsKey("numbers") ? column.Vectors
            : untyped is { AreVectors: true } ? untyped.Vectors
            : null;
        if (type is null && vectors is { Odd: null, Shortest: > 1 })
        {
            AddVector(column.Name, vectors);
            return;
        }

        var resolved = type ?? TypeOf(column, untyped);
        if (resolved is not { } known)
            return;
        if (column.NullInList is { } place && known is not (DataFieldType.String or DataFieldType.Bytes))
            Refuse(column, $"{place} has a null in a list of {known}, which lists of texts alone may have");
        var name = NameOf(column);
        var isText = known == DataFieldType.String;
        _fields.Add(
            (
                column.Name,
                new DataField(name, known)
                {
                    IsList = column.HasLists || column.Kinds.ContainsKey("numbers"),
                    IsFullText = isText && IsFullText(column, name),
                    IsFilterable = isText ? column.LongestText <= FilterLength : known != DataFieldType.Bytes,
                }
            )
        );
    }

    private bool IsFullText(ColumnSurvey column, string name) =>
        options.FullText is { } chosen
            ? chosen.Contains(column.Name) || chosen.Contains(column.Name.TrimStart('$'))
            : name == EmbedName || TextNames.Contains(name) || (column.LongestText >= FullTextLength && !column.Kinds.ContainsKey("JSON"));

    private string? EmbedName => options.Embed?.TrimStart('$') is { } name ? options.Names.GetValueOrDefault(name, name) : null;

    private void AddVector(string column, VectorSurvey vectors)
    {
        if (options.Embed is not null)
        {
            _leftOut.Add((column, "vectors are made anew"));
            return;
        }

        var metric = options.Metric ?? store.Facts.MetricOf(column) ?? DistanceMetric.Cosine;
        if (options.Metric is { } asked && store.Facts.MetricOf(column) is { } said && asked != said)
            _problems.Add($"--metric {asked} contradicts the store, which compares '{column}' by {said}: leave the option out");
        if (vectors.NotFinite is { } place)
        {
            _problems.Add(
                $"{place} has a vector in '{column}' with a component that is no finite number: --skip {column}, or mend the row"
            );
        }
        if (metric == DistanceMetric.Cosine && vectors.Zero is { } zero)
        {
            _problems.Add(
                $"{zero} has a vector of zeros in '{column}', which has no direction for the cosine: --metric euclidean, or mend the row"
            );
        }
        _vectors.Add(
            (
                column,
                new VectorField(NameOf(survey.Find(column)!), vectors.Shortest)
                {
                    Metric = metric,
                    Index = metric is DistanceMetric.Manhattan or DistanceMetric.Hamming ? VectorIndexKind.Flat : VectorIndexKind.Hnsw,
                }
            )
        );
    }

    private DataFieldType? TypeOf(ColumnSurvey column, UntypedSurvey? untyped)
    {
        if (untyped is not null)
            return untyped.Type;
        var kinds = column.Kinds.Keys.ToHashSet(StringComparer.Ordinal);
        if (kinds.Count == 0)
            return DataFieldType.String; // lists without an element
        if (kinds.SetEquals(["numbers"]))
            return column.HasScalars || column.HasLists ? Mixed(column) : DataFieldType.Single;
        if (column is { HasLists: true, HasScalars: true } && !kinds.Contains("numbers"))
            return Mixed(column);
        if (kinds.SetEquals(["JSON"]))
            return DataFieldType.String;
        if (kinds.Count == 1)
        {
            return Enum.TryParse<DataFieldType>(kinds.First(), out var type)
                ? type
                : Refuse(column, $"{column.Kinds.Values.First()} has {kinds.First()}");
        }

        string[] exact = [nameof(DataFieldType.Int64), nameof(DataFieldType.Decimal)];
        string[] real = [nameof(DataFieldType.Int64), nameof(DataFieldType.Single), nameof(DataFieldType.Double)];
        if (kinds.IsSubsetOf(exact))
            return DataFieldType.Decimal;
        if (!kinds.IsSubsetOf(real))
            return Mixed(column);
        return column.HasLargeIntegers
            ? Refuse(column, "it has whole numbers that a floating-point number would round, beside others with a fraction")
            : DataFieldType.Double;
    }

    private DataFieldType? Mixed(ColumnSurvey column)
    {
        var seen = column.Kinds.Select(kind => $"{(kind.Key == "numbers" ? "a list of numbers" : kind.Key)} ({kind.Value})").ToList();
        if (column is { HasLists: true, HasScalars: true })
            seen.Add("both lists and single values");
        return Refuse(column, $"it holds {string.Join(", ", seen)}");
    }

    private DataFieldType? Refuse(ColumnSurvey column, string reason)
    {
        _problems.Add(
            $"column '{column.Name}' cannot be mapped: {reason}. --skip {column.Name} leaves it out, --field "
                + $"{column.Name}:string makes texts of single values"
        );
        return null;
    }

    /// <summary>The field's name; the store's own columns lose their mark ("$vector.title" is "title").</summary>
    private string NameOf(ColumnSurvey column)
    {
        const string named = "$vector.";
        var plain = column.Name.StartsWith(named, StringComparison.Ordinal) ? column.Name[named.Length..] : column.Name.TrimStart('$');
        var name = options.Names.TryGetValue(column.Name, out var other) ? other : plain;
        if (name.Length == 0)
            _problems.Add($"column '{column.Name}' has no name that a field can have: --rename {column.Name}=NAME");
        else if (!_names.Add(name))
            _problems.Add($"two columns become a field '{name}': --rename {column.Name}=NAME gives this one another name");
        return name;
    }

    private DataField? EmbedField() =>
        EmbedName is { } name ? _fields.Select(item => item.Field).FirstOrDefault(field => field.Name == name) : null;

    private CollectionSchema SchemaOf()
    {
        var vectors = _vectors.Select(item => item.Field).ToList();
        if (options.Embed is not null)
        {
            var source = EmbedField();
            if (source is not { Type: DataFieldType.String, IsList: false })
                _problems.Add($"--embed {options.Embed}: it is no column of texts");
            vectors.Add(
                new VectorField(_names.Contains("vector") ? "embedding" : "vector", options.EmbedDimension)
                {
                    SourceField = source?.Name,
                    Metric = options.Metric ?? DistanceMetric.Cosine,
                }
            );
        }
        return new CollectionSchema
        {
            Name = options.Collection ?? store.Name,
            KeyKind =
                survey.KeysAreIntegers ? RecordKeyKind.Int64
                : survey.KeysAreGuids ? RecordKeyKind.Guid
                : RecordKeyKind.String,
            Fields = [.. _fields.Select(item => item.Field)],
            Vectors = vectors,
            EmbeddingModel = vectors.Count == 0 ? null : options.EmbeddingModel ?? UnknownModel,
        };
    }

    /// <summary>
    /// An identity that no model has: texts are not silently compared with vectors of another model that happens to have as many
    /// components.
    /// </summary>
    private string UnknownModel => $"unknown model (imported from a {store.Kind})";

    private IReadOnlyList<string> NotesOf()
    {
        var notes = new List<string>(store.Facts.Notes);
        if (_vectors.Count > 0 && options.EmbeddingModel is null)
        {
            notes.Add(
                "which model made the vectors is not known: searches by vector and by keyword work, searches by text only with "
                    + "--embed COLUMN, or --same-model where --model made them"
            );
        }
        if (_vectors.Count == 0 && options.Embed is null)
            notes.Add("no vectors: the collection is searched by keyword alone; --embed COLUMN makes some");
        return notes;
    }
}
