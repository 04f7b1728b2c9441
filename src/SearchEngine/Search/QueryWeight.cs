namespace SearchEngine;

/// <summary>
/// The vector's weight of one hybrid search, from what its candidates show: a linear rule whose coefficients were
/// fitted on the training queries of six kinds of text with three embedding models (docs/training.md). Vectors weigh more where the
/// nearest record is very near, where it stands out from the tenth, and where what keywords put first is far from it in meaning; keywords
/// where their first record stands out from their second (a rare name, a number). Only for cosines, whose scale is known.
/// </summary>
internal static class QueryWeight
{
    /// <summary>Bounds of the weight, but for a model that starts outside of them: neither ranker is ever silenced.</summary>
    public const double Least = 0.6;
    public const double Most = 0.95;

    private const double Origin = -0.56;
    private const double OfNearness = 0.8;
    private const double OfSpread = 0.8;
    private const double OfDisagreement = 1.1;
    private const double OfKeywordLead = -1.2;

    /// <summary>A larger lead of the first keyword hit says no more.</summary>
    private const double LargestLead = 0.3;

    /// <summary>The place in the vector ranking from which the first one's standing out is measured.</summary>
    private const int SpreadPlace = 10;

    /// <summary>How many of the first by keywords are compared with the nearest by meaning.</summary>
    private const int KeywordPlaces = 5;

    /// <summary>The weight, in [0, 1]; <paramref name="start"/> where either ranker has nothing to say.</summary>
    /// <param name="start">The weight that the embedding model records, or the default.</param>
    /// <param name="scores">Cosine and BM25 score of every candidate; null where a ranker says nothing of it.</param>
    public static double Of(double start, IEnumerable<(double? Vector, double? Keyword)> scores)
    {
        Span<double> nearest = stackalloc double[SpreadPlace];
        Span<(double Keyword, double Vector)> first = stackalloc (double, double)[KeywordPlaces];
        int vectors = 0,
            keywords = 0;
        foreach (var (vector, keyword) in scores)
        {
            if (vector is { } cosine)
                Insert(nearest, ref vectors, cosine);
            // Equal ones by their cosines, so that the weight does not depend on the order in which candidates come.
            if (keyword is > 0)
                Insert(first, ref keywords, (keyword.Value, vector ?? double.NegativeInfinity));
        }

        if (vectors == 0 || keywords == 0)
            return start;
        var best = nearest[0];
        double distance = 0;
        var compared = 0;
        foreach (var (_, cosine) in first[..keywords])
        {
            if (double.IsFinite(cosine))
                (distance, compared) = (distance + (best - cosine), compared + 1);
        }

        var second = keywords > 1 ? first[1].Keyword : 0;
        var weight =
            start
            + Origin
            + OfNearness * best
            + OfSpread * (best - nearest[vectors - 1])
            + OfDisagreement * (compared > 0 ? distance / compared : 0)
            + OfKeywordLead * Math.Min(LargestLead, 1 - second / first[0].Keyword);
        return Math.Clamp(weight, Math.Min(start, Least), Math.Max(start, Most));
    }

    /// <summary>Keeps the largest values, in descending order.</summary>
    private static void Insert<T>(Span<T> largest, ref int count, T value)
        where T : IComparable<T>
    {
        var place = count;
        while (place > 0 && largest[place - 1].CompareTo(value) < 0)
            place--;
        if (place == largest.Length)
            return;
        count = Math.Min(count + 1, largest.Length);
        largest[place..(count - 1)].CopyTo(largest[(place + 1)..]);
        largest[place] = value;
    }
}
