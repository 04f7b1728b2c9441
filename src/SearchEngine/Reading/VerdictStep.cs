using System.Globalization;

namespace SearchEngine.Reading;

/// <summary>Says what became of one record in a search. Thread-safe.</summary>
internal sealed class VerdictStep(CollectionSchema schema, ICandidateSource source, HitExplainer explainer)
{
    /// <summary>The verdict on <see cref="SearchRequest.ExplainKey"/>.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="record">The record; null where there is none. The caller has entered the moment in which it is visible.</param>
    /// <param name="candidates">What the rankers brought.</param>
    /// <param name="order">The order of the hits.</param>
    /// <param name="hits">The page.</param>
    public SearchVerdict Judge(
        SearchPlan plan,
        ExplainedRecord? record,
        Candidates candidates,
        CandidateOrder order,
        IReadOnlyList<SearchHit> hits
    )
    {
        var verdict = record is null
            ? new SearchVerdict(VerdictKind.Missing, $"There is no record '{plan.Request.ExplainKey}' in collection '{schema.Name}'.")
            : Filtered(plan, record.Ordinal) ?? Ranked(plan, record, candidates, order, hits);
        return verdict with { LastScore = hits.Count == 0 ? null : hits[^1].Score };
    }

    /// <summary>The verdict on a record that does not pass the filter; null for any other.</summary>
    private SearchVerdict? Filtered(SearchPlan plan, int ordinal)
    {
        if (plan.Request.Filter is not { } filter)
            return null;
        var failed = FailedConditions.Of(FilterBinder.Bind(schema, filter), source.Read(ordinal, includeVectors: false));
        return failed.Count == 0
            ? null
            : new SearchVerdict(
                VerdictKind.Filtered,
                $"It does not pass the filter: {string.Join(" and ", failed)} {(failed.Count == 1 ? "does" : "do")} not hold for it."
            )
            {
                FailedConditions = failed,
            };
    }

    private SearchVerdict Ranked(
        SearchPlan plan,
        ExplainedRecord record,
        Candidates candidates,
        CandidateOrder order,
        IReadOnlyList<SearchHit> hits
    )
    {
        var (distances, words) = (record.Distances, record.KeywordScore);
        var verdict = Placed(plan, candidates, order, hits, record.Ordinal) ?? Unplaced(plan, candidates, distances, words);
        return verdict with { Distance = distances is [var distance] ? distance : null, KeywordScore = words };
    }

    /// <summary>The verdict on a record that was ranked; null for any other.</summary>
    private SearchVerdict? Placed(SearchPlan plan, Candidates candidates, CandidateOrder order, IReadOnlyList<SearchHit> hits, int ordinal)
    {
        var request = plan.Request;
        var all = order.All.Select(candidate => candidate.Ordinal).ToList();
        var before = all.IndexOf(ordinal);
        if (before < 0)
            return null;
        var candidate = order.All.ElementAt(before);
        var place = 1 + order.Ranked.TakeWhile(other => other.Ordinal != ordinal).Count();
        var last = hits.Count == 0 ? string.Empty : $"; the last hit has {Number(hits[^1].Score)}";
        var (kind, said, at) =
            request.MinimumScore is { } minimum && !(candidate.Score >= minimum)
                ? (
                    VerdictKind.BelowMinimumScore,
                    $"Its score {Number(candidate.Score)} is less than the {Number(minimum)} asked for; else it would be number {before + 1}.",
                    before + 1
                )
            : request.GroupBy is { } field ? InGroup(request, order, field, ordinal)
            : place <= request.Skip
                ? (VerdictKind.PassedOver, $"It is number {place}, before the page: {request.Skip} hits are passed over.", place)
            : place > request.Skip + request.Top
                ? (VerdictKind.Behind, $"It is number {place}, behind the page: its score is {Number(candidate.Score)}{last}.", place)
            : (VerdictKind.Hit, $"It is hit number {place}, with score {Number(candidate.Score)}.", place);
        return new SearchVerdict(kind, said)
        {
            Place = at,
            Score = candidate.Score,
            Explanation = explainer.Explain(plan, candidate, candidates, order, HitAssembler.DistanceOf(plan, candidate, candidates)),
        };
    }

    private (VerdictKind Kind, string Reason, int Place) InGroup(SearchRequest request, CandidateOrder order, string field, int ordinal)
    {
        var group = source.Read(ordinal, includeVectors: false)[field];
        var groups = new HashSet<object>();
        var (number, ahead, alone) = (0, 0, 0);
        foreach (var candidate in order.Ranked)
        {
            var isIt = candidate.Ordinal == ordinal;
            var value = isIt ? group : source.Read(candidate.Ordinal, includeVectors: false)[field];
            if (value is null)
                alone++;
            else
                groups.Add(value);
            var isOfGroup = isIt || (group is not null && group.Equals(value));
            if (isOfGroup && number == 0)
                number = groups.Count + alone;
            if (isIt)
                break;
            if (isOfGroup)
                ahead++;
        }

        var name = group is null ? "of its own" : $"'{string.Create(CultureInfo.InvariantCulture, $"{group}")}'";
        return number <= request.Skip
                ? (
                    VerdictKind.PassedOver,
                    $"Its group {name} is number {number}, before the page: {request.Skip} groups are passed over.",
                    number
                )
            : number > request.Skip + request.Top ? (VerdictKind.Behind, $"Its group {name} is number {number}, behind the page.", number)
            : ahead >= request.GroupSize
                ? (
                    VerdictKind.GroupFull,
                    $"It is number {ahead + 1} of its group {name}, of which {request.GroupSize} may be hits.",
                    number
                )
            : (VerdictKind.Hit, $"It is a hit: number {ahead + 1} of its group {name}, which is number {number}.", number);
    }

    private static SearchVerdict Unplaced(SearchPlan plan, Candidates candidates, float?[] distances, double? words)
    {
        var limit = candidates.FarthestOf(plan.Request);
        var fields = string.Join(", ", plan.Vectors.Select(target => $"'{target.Field.Name}'").Distinct());
        var wordless = plan.Keyword is null ? null : "no word of the query is in it";
        var isFar = distances is [{ } only] && only > limit;
        var hasVector = Array.Exists(distances, distance => distance is not null);
        if (words is null && (isFar || !hasVector))
        {
            var far =
                isFar ? $"its distance {Number(distances[0]!.Value)} is more than the most asked for, {Number(limit!.Value)}"
                : plan.Vector is null ? null
                : $"it has no vector in field {fields}";
            return new SearchVerdict(
                isFar ? VerdictKind.TooFar : VerdictKind.Unmatched,
                Sentence(string.Join(", and ", new[] { wordless, far }.OfType<string>()))
            );
        }

        var numbers = string.Join(
            " and ",
            plan.Vectors.Zip(
                    distances,
                    (target, distance) => distance is { } known ? $"its distance in '{target.Field.Name}' is {Number(known)}" : null
                )
                .Append(words is { } score ? $"its keyword score is {Number(score)}" : wordless)
                .OfType<string>()
        );
        var nearest = candidates.Nearest;
        if (words is null && distances is [{ } near] && (nearest.Length < plan.Depth || near < nearest.Max(hit => hit.Distance)))
        {
            return new SearchVerdict(
                VerdictKind.Overlooked,
                Sentence($"the graph search did not meet it, though {numbers}: a wider beam (Ef) finds more")
            );
        }
        return new SearchVerdict(
            VerdictKind.OutOfReach,
            Sentence($"it stands behind the first {Math.Max(nearest.Length, candidates.Keyword.Count)} of each ranking: {numbers}")
        );
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + ".";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
