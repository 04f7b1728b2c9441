namespace SearchEngine.Embeddings;

/// <summary>The tokens that are put around every text, such as BOS and EOS.</summary>
/// <param name="Before">Ids in front of the text.</param>
/// <param name="After">Ids behind the text.</param>
internal sealed record TokenTemplate(int[] Before, int[] After)
{
    /// <summary>How many tokens the template takes.</summary>
    public int Length => Before.Length + After.Length;
}
