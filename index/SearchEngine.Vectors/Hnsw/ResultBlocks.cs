namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// The blocks in which a search makes its hits. Each is found by a walk of a width, and ranked, by rules that know the query and the index
/// but not how many hits are wanted, and gives what the blocks before it did not give: so the first n hits of a search are the same however
/// many are asked for, and pages of it neither repeat nor leave out any.
/// </summary>
/// <remarks>
/// The first block ends at 10 hits, the second with the beam that was asked for (with two fifths of the default one), the third with twice
/// as many, and so on, each from a beam half as wide again as its end, and never from a narrower one than the first. A block is sorted. One
/// that finds what a narrower one missed begins with that, though it may be nearer than the end of the block before: later is better than
/// never.
/// </remarks>
internal struct ResultBlocks
{
    /// <summary>Hits of the first block: what most searches ask for; a narrower beam is hardly faster.</summary>
    public const int FirstHits = 10;

    /// <summary>Wider beams cost more to keep in order than the scan that takes their place.</summary>
    public const int WidestBeam = 65_536;

    /// <summary>
    /// What of the default beam the second block gives: with the default of 64 the blocks end at 25, 50, 100, 200, the numbers of hits that
    /// are asked for (a hybrid search fuses 100 of each ranker), so that no beam is walked of which half is not wanted.
    /// </summary>
    private const double SecondShare = 0.4;

    /// <summary>How much wider than its end a later block's beam is: the last hits of a beam are the ones it gets wrong.</summary>
    private const double Widening = 1.5;

    // A scan costs the same for few hits as for many: its blocks grow faster.
    private const int ScanGrowth = 8;

    private readonly int _ef;
    private readonly int _second;
    private readonly int _matching;

    /// <param name="asked">The beam that the search asks for; 0 for none.</param>
    /// <param name="standard">The beam of a search that asks for none.</param>
    /// <param name="matching">Hits that there can be, at least 1.</param>
    public ResultBlocks(int asked, int standard, int matching)
    {
        _matching = matching;
        _ef = asked == 0 ? standard : asked;
        _second = asked == 0 ? (int)(SecondShare * standard) : asked;
        End = Math.Min(FirstHits, matching);
        Width = Math.Max(_ef, FirstHits);
    }

    /// <summary>Hits given when this block is done, by it and those before it.</summary>
    public int End { get; private set; }

    /// <summary>The beam's width.</summary>
    public int Width { get; private set; }

    /// <summary>Goes to the next block.</summary>
    /// <param name="scanned">Whether the block before was scanned.</param>
    public void Next(bool scanned)
    {
        if (!scanned && End < _second)
        {
            End = Math.Min(_second, _matching);
            return;
        }
        End = (int)Math.Min(_matching, (scanned ? ScanGrowth : 2L) * End);
        Width = (int)Math.Max(Width, Math.Min(Widening * (double)End, int.MaxValue));
    }

    /// <summary>The width of the block that gives the last of so many hits, where none is scanned.</summary>
    public readonly int WidthFor(int hits)
    {
        var last = this;
        while (last.End < hits && last.Width <= WidestBeam)
            last.Next(scanned: false);
        return Math.Min(last.Width, WidestBeam);
    }
}
