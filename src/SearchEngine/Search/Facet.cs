namespace SearchEngine;

/// <summary>Counts of a field's values over the records that match.</summary>
/// <param name="Field">The field.</param>
/// <param name="Values">The most frequent values; of ranges every one, in order.</param>
/// <param name="Distinct">How many different values there are.</param>
/// <param name="Missing">Records without a value.</param>
public sealed record Facet(string Field, IReadOnlyList<FacetValue> Values, int Distinct, int Missing);
