namespace SearchEngine;

/// <summary>Checks the boosts of a request.</summary>
internal static class BoostChecks
{
    /// <exception cref="ArgumentException">A boost is impossible; the message names its field.</exception>
    public static void Check(CollectionSchema schema, SearchRequest request)
    {
        if (request.Boosts.Count == 0)
            return;
        if (request.BoostCandidates is < 1 or > SearchPlan.MaxHits)
            throw new ArgumentException($"BoostCandidates is {request.BoostCandidates}: 1 to {SearchPlan.MaxHits}.");
        if (request.Sort is not null)
            throw new ArgumentException("Hits in the order of a field have that order alone: leave out Sort or Boosts.");
        foreach (var boost in request.Boosts)
            Check(schema, boost);
    }

    private static void Check(CollectionSchema schema, ScoreBoost boost)
    {
        if (schema.FindField(boost.Field) is not { IsList: false } field)
            throw new ArgumentException($"Boost: '{boost.Field}' is no field of collection '{schema.Name}' with one value a record.");
        if (!(boost.Weight >= 0 && double.IsFinite(boost.Weight)))
        {
            throw new ArgumentException(
                $"The weight of the boost by '{boost.Field}' is {boost.Weight}: it must be finite and not negative."
            );
        }
        switch (boost)
        {
            case RecencyBoost when field.Type is not (DataFieldType.DateTime or DataFieldType.DateTimeOffset or DataFieldType.DateOnly):
                throw new ArgumentException($"Field '{boost.Field}' is {field.Type}: a boost by recency needs dates or times.");
            case RecencyBoost recency when recency.HalfLife <= TimeSpan.Zero:
                throw new ArgumentException(
                    $"The half-life of the boost by '{boost.Field}' is {recency.HalfLife}: it must be more than none."
                );
            case RecencyBoost recency when recency.Offset < TimeSpan.Zero:
                throw new ArgumentException($"The offset of the boost by '{boost.Field}' is {recency.Offset}: it must not be negative.");
            case RecencyBoost recency when !Enum.IsDefined(recency.Decay):
                throw new ArgumentException($"The boost by '{boost.Field}' has the unknown decay {recency.Decay}.");
            case NumericBoost when !IsNumber(field.Type):
                throw new ArgumentException($"Field '{boost.Field}' is {field.Type}: a boost by a number needs numbers.");
            case NumericBoost numeric when !(numeric.Pivot > 0 && double.IsFinite(numeric.Pivot)):
                throw new ArgumentException(
                    $"The pivot of the boost by '{boost.Field}' is {numeric.Pivot}: it must be finite and more than 0."
                );
            case NumericBoost numeric when !Enum.IsDefined(numeric.Function):
                throw new ArgumentException($"The boost by '{boost.Field}' has the unknown function {numeric.Function}.");
            case not (RecencyBoost or NumericBoost):
                throw new ArgumentException($"Unknown boost {boost.GetType().Name}: there are RecencyBoost and NumericBoost.");
        }
    }

    private static bool IsNumber(DataFieldType type) =>
        type
            is DataFieldType.Byte
                or DataFieldType.Int16
                or DataFieldType.Int32
                or DataFieldType.Int64
                or DataFieldType.Single
                or DataFieldType.Double
                or DataFieldType.Decimal;
}
