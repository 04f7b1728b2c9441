using SearchEngine.Vectors.Memory;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>The parts of a graph index, made in the order of their dependence.</summary>
internal sealed class HnswParts : IDisposable
{
    public HnswParts(VectorIndexOptions options, IVectorReader? reader)
    {
        Options = options;
        var space = new CodeSpace(VectorCodec.Create(options));
        Gate = new CallGate(space, options.M);
        Graph = new HnswGraph(options.M, options.Seed);
        Map = new OrdinalMap();
        Vectors = new FullVectors(options, Map, reader, space.Codec.IsExact);
        Walker = new LayerWalker(Graph);
        Selector = new NeighborSelector(Graph, options.EfConstruction);
        Linker = new NodeLinker(Graph, Selector);
        Keeper = new ReachabilityKeeper(Graph, Walker, Selector, Linker, options.EfConstruction);
        Healer = new GraphHealer(Graph, Selector);
        Pivots = new PivotDirectory(Graph, Walker, options);
        Quantizer = new QuantizerFitter(Graph, Vectors, Gate, options);
        Blob = new NodeBlob(Graph, Map, Vectors, options.Dimension);
    }

    public VectorIndexOptions Options { get; }

    public CallGate Gate { get; }

    public HnswGraph Graph { get; }

    public OrdinalMap Map { get; }

    public FullVectors Vectors { get; }

    public LayerWalker Walker { get; }

    public NeighborSelector Selector { get; }

    public NodeLinker Linker { get; }

    public ReachabilityKeeper Keeper { get; }

    public GraphHealer Healer { get; }

    public PivotDirectory Pivots { get; }

    public QuantizerFitter Quantizer { get; }

    public NodeBlob Blob { get; }

    /// <summary>The image whose pages the tables lie on; null where they lie in memory of their own.</summary>
    public MappedPages? Pages { get; set; }

    /// <summary>What the index is, at this moment.</summary>
    public IndexHeader Header(IndexFlags flags) =>
        new(
            IndexHeader.HnswKind,
            Options.Metric,
            Options.Quantization,
            flags | (Gate.BeyondCodes ? IndexFlags.BeyondCodes : 0),
            Options.M,
            Options.Dimension,
            Options.Seed,
            Graph.Live,
            Graph.Slots,
            Graph.Entry < 0 ? -1 : (long)Graph.EntryLevel << 32 | (uint)Map.OrdinalOf(Graph.EntryNode),
            Gate.Space.Codec.SaveParameters()
        );

    /// <summary>The rows of <paramref name="nodes"/>[i] become those of node i. Nothing else may run.</summary>
    public void Renumber(int[] nodes)
    {
        Map.Renumber(nodes);
        Graph.Permute(nodes);
        Gate.Space.Permute(nodes);
        Vectors.Renumber(nodes);
        Pivots.Renumber(nodes);
    }

    /// <summary>Frees the native memory after running calls have ended.</summary>
    public void Dispose()
    {
        if (!Gate.Close())
            return;
        Vectors.Dispose();
        Graph.Dispose();
        Pages?.Dispose();
    }
}
