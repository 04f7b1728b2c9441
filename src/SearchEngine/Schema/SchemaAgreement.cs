namespace SearchEngine;

/// <summary>Whether a stored collection is the one that somebody asks for.</summary>
public static class SchemaAgreement
{
    /// <summary>Checks that a schema is one that a collection may have.</summary>
    /// <exception cref="ArgumentException">It is not; the message names the field.</exception>
    public static void Validate(CollectionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        SchemaValidator.Validate(schema);
    }

    /// <summary>Checks that a name is one that a collection may have.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static void ValidateName(string name) => SchemaValidator.ValidateName(name);

    /// <summary>Checks a stored schema against the one asked for.</summary>
    /// <param name="stored">The stored one.</param>
    /// <param name="asked">The one asked for, of the same name.</param>
    /// <param name="directory">The database's directory, where there is one.</param>
    /// <exception cref="SearchDatabaseException">They differ: the message names the field. Or another model embedded it.</exception>
    public static void Require(CollectionSchema stored, CollectionSchema asked, string? directory = null)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(asked);
        if (stored.EmbeddingModel is { } made && asked.EmbeddingModel is { } given && made != given)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.EmbeddingModelMismatch,
                $"Collection '{asked.Name}' was embedded by '{made}', not by '{given}'. Vectors of two models cannot be compared: use the model it was made with, or ingest into a new collection."
            )
            {
                Collection = asked.Name,
                Directory = directory,
            };
        }

        if (SchemaComparer.FirstDifference(stored, asked) is { } difference)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.SchemaMismatch,
                $"Collection '{asked.Name}' has another schema: {difference}. Use the stored schema, or a new collection."
            )
            {
                Collection = asked.Name,
                Directory = directory,
            };
        }
    }
}
