namespace SearchEngine;

/// <summary>
/// What a field of a record adds to its score: <c>w·f</c>, w being the <see cref="Weight"/> and f what the field's value comes to, from 0
/// to 1 (by <see cref="NumericFunction.Log1p"/> more than 1 too). A record without a value gets nothing. Immutable.
/// </summary>
/// <param name="Field">A field with one value a record.</param>
/// <param name="Weight">
/// What f = 1 adds, beside a relevance from 0 (the least that the ranking can give) to 1 (the best candidate). At least 0.
/// </param>
public abstract record ScoreBoost(string Field, double Weight);
