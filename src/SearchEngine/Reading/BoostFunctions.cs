using System.Globalization;

namespace SearchEngine.Reading;

/// <summary>What fields come to for a score; <see cref="ScoreBoost"/> and its kinds have the formulas.</summary>
internal static class BoostFunctions
{
    /// <summary>What a document gets of a boost.</summary>
    /// <param name="boost">The boost.</param>
    /// <param name="document">The document.</param>
    /// <param name="now">The origin of boosts that name none.</param>
    public static BoostContribution Of(ScoreBoost boost, Document document, DateTimeOffset now)
    {
        var value = document[boost.Field];
        var f =
            value is null ? 0
            : boost is RecencyBoost recency ? Decayed(recency, InstantOf(value), now)
            : Numeric((NumericBoost)boost, Convert.ToDouble(value, CultureInfo.InvariantCulture));
        return new BoostContribution(boost.Field, f, boost.Weight * f);
    }

    private static double Decayed(RecencyBoost boost, DateTimeOffset instant, DateTimeOffset now)
    {
        var away = (instant - (boost.Origin ?? now)).Duration() - boost.Offset;
        var halfLives = Math.Max(0, away / boost.HalfLife);
        return boost.Decay switch
        {
            DecayFunction.Gauss => Math.Pow(2, -halfLives * halfLives),
            DecayFunction.Linear => Math.Max(0, 1 - halfLives / 2),
            _ => Math.Pow(2, -halfLives),
        };
    }

    private static double Numeric(NumericBoost boost, double number)
    {
        if (!(number > 0))
            return 0;
        return boost.Function switch
        {
            NumericFunction.Log1p => Math.Log(1 + Math.Min(number, double.MaxValue)) / Math.Log(1 + boost.Pivot),
            NumericFunction.Linear => Math.Min(1, number / boost.Pivot),
            // Of numbers without end the half of both is taken: their sum has none either.
            _ => double.IsFinite(number + boost.Pivot) ? number / (number + boost.Pivot) : 1,
        };
    }

    private static DateTimeOffset InstantOf(object value) =>
        value switch
        {
            DateTimeOffset instant => instant,
            DateOnly date => new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero),
            _ => new DateTimeOffset(DateTime.SpecifyKind((DateTime)value, DateTimeKind.Unspecified), TimeSpan.Zero),
        };
}
