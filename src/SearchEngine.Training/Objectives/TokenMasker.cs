namespace SearchEngine.Training;

/// <summary>
/// Chooses tokens to predict and replaces them as BERT does (Devlin et al. 2019): most by the mask token, some by a random one, the rest
/// left. Special tokens
/// are never chosen. Immutable and thread-safe.
/// </summary>
internal sealed class TokenMasker(
    int maskToken,
    IReadOnlySet<int> specialTokens,
    int vocabularySize,
    double probability,
    double maskShare,
    double randomShare
)
{
    /// <summary>Masks in place.</summary>
    /// <param name="ids">(sequences × length), row-major.</param>
    /// <param name="length">Tokens per sequence. The first of each is never chosen: nothing stands before it to predict it from.</param>
    /// <param name="random">The batch's generator.</param>
    /// <returns>Positions in <paramref name="ids"/> chosen, ascending, and what stood there.</returns>
    public (List<int> Positions, List<long> Labels) Mask(Span<long> ids, int length, ref DeterministicRandom random)
    {
        var positions = new List<int>();
        var labels = new List<long>();
        for (var i = 0; i < ids.Length; i++)
        {
            if (i % length == 0 || specialTokens.Contains((int)ids[i]) || random.NextDouble() >= probability)
                continue;
            positions.Add(i);
            labels.Add(ids[i]);
            var how = random.NextDouble();
            if (how < maskShare)
                ids[i] = maskToken;
            else if (how < maskShare + randomShare)
                ids[i] = RandomToken(ref random);
        }

        return (positions, labels);
    }

    private int RandomToken(ref DeterministicRandom random)
    {
        int token;
        do
        {
            token = random.Next(vocabularySize);
        } while (specialTokens.Contains(token));
        return token;
    }
}
