namespace SearchEngine.Cli.Databases;

/// <summary>Names of the fields that ingestion gives a chunk. Collections of other shapes work too: absent fields are left out.</summary>
internal static class ChunkFields
{
    public const string Title = "title";
    public const string Text = "text";
    public const string Heading = "heading";
    public const string Source = "source";
    public const string Page = "page";
    public const string Line = "line";
    public const string Vector = "vector";

    /// <summary>The field that snippets come from: the text of a chunk, else the first full-text field, else none.</summary>
    public static string? SnippetFieldOf(CollectionSchema schema) =>
        schema.FindField(Text) is { Type: DataFieldType.String, IsList: false } text
            ? text.Name
            : schema.Fields.FirstOrDefault(f => f is { IsFullText: true, IsList: false })?.Name;

    /// <summary>The vector field of a chunk where the collection has several; null lets the engine take the only one.</summary>
    public static string? VectorFieldOf(CollectionSchema schema) =>
        schema.Vectors.Count > 1 ? schema.FindVector(Vector)?.Name ?? schema.Vectors[0].Name : null;

    /// <summary>A field's value as text; null where it is absent or empty.</summary>
    public static string? TextOf(Document document, string field) => document[field]?.ToString() is { Length: > 0 } value ? value : null;

    /// <summary>The page a chunk starts on; null where its document has no pages.</summary>
    public static int? PageOf(Document document) => NumberOf(document, Page);

    /// <summary>A field's value as a number from 1; null where it is absent.</summary>
    public static int? NumberOf(Document document, string field) =>
        document[field] switch
        {
            int number when number > 0 => number,
            long number when number > 0 => (int)number,
            _ => null,
        };
}
