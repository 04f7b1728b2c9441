using SearchEngine.Api.Contracts;

namespace SearchEngine.Api.Requests;

/// <summary>Boosts of requests as the engine's own.</summary>
internal static class BoostReader
{
    /// <exception cref="ArgumentException">It is neither by recency nor by a number, or both; the message names the field.</exception>
    public static ScoreBoost Read(BoostBody body)
    {
        if (body is { HalfLifeDays: { } days, Pivot: null, Function: null })
        {
            return new RecencyBoost(body.Field, body.Weight, Days(days, "halfLifeDays"))
            {
                Decay = body.Decay ?? DecayFunction.Exponential,
                Origin = body.Origin,
                Offset = Days(body.OffsetDays ?? 0, "offsetDays"),
            };
        }
        if (body is { Pivot: { } pivot, HalfLifeDays: null, Decay: null, Origin: null, OffsetDays: null })
            return new NumericBoost(body.Field, body.Weight, pivot) { Function = body.Function ?? NumericFunction.Saturation };
        throw new ArgumentException(
            $"The boost by '{body.Field}' has either halfLifeDays (with decay, origin and offsetDays) or pivot (with function)."
        );
    }

    private static TimeSpan Days(double days, string name) =>
        days >= 0 && days <= TimeSpan.MaxValue.TotalDays / 2
            ? TimeSpan.FromDays(days)
            : throw new ArgumentException($"{name} is a number of days from 0, not {days}.");
}
