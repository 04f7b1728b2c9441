using SearchEngine.Embeddings;
using SearchEngine.Embeddings.Reranking;

namespace SearchEngine.Hosting;

/// <summary>The reranker that a host was told to use, in memory. Only what reranks touches this type.</summary>
internal sealed class LoadedReranker : IDisposable
{
    /// <summary>What stands in place of a folder for late interaction with the embedding model that is loaded.</summary>
    public const string LateInteraction = "late";

    private readonly IDisposable? _model;

    private LoadedReranker(IReranker reranker, IDisposable? model)
    {
        Reranker = reranker;
        _model = model;
    }

    public IReranker Reranker { get; }

    /// <summary>Loads a reranker; null where none is named.</summary>
    /// <param name="plan">Which.</param>
    /// <param name="model">The embedding model, for late interaction.</param>
    public static LoadedReranker? Load(RerankPlan? plan, LoadedModel? model)
    {
        if (plan is null)
            return null;
        if (plan.Model == LateInteraction)
        {
            if (model is null)
                throw new HostException("Late interaction reads with the embedding model, and none is loaded: name a reranker's folder.");
            var late = new LateInteraction(model.Generator);
            return new LoadedReranker(new DelegateReranker(late.Name, late.ScoreAsync, LateInteractionWeight), null);
        }

        if (!Directory.Exists(plan.Model))
        {
            throw new HostException(
                $"There is no reranker folder {plan.Model}; a reranker is the folder of a sequence classifier, of a decoder that says yes or no, or of a second embedding model, or the word '{LateInteraction}'."
            );
        }
        if (RerankingModel.IsReranker(plan.Model))
        {
            var reads = RerankingModel.Load(
                new RerankingModelOptions
                {
                    ModelPath = plan.Model,
                    Device = plan.Device,
                    DataType = plan.DataType,
                    WeightCache = plan.WeightCache,
                }
            );
            return new LoadedReranker(new DelegateReranker(reads.ModelId, reads.ScoreAsync, CrossEncoderWeight, Logistic), reads);
        }
        var embedder = Llm2VecEmbeddingGenerator.Load(
            new Llm2VecOptions
            {
                ModelPath = plan.Model,
                Device = plan.Device,
                DataType = plan.DataType,
                WeightCache = plan.WeightCache,
            }
        );
        return new LoadedReranker(new EmbeddingReranker(embedder.ModelId, embedder, embedder.AsQueryGenerator()), embedder);
    }

    public void Dispose() => _model?.Dispose();

    private static double Logistic(double logOdds) => 1 / (1 + Math.Exp(-logOdds));

    /// <summary>As for a second embedder: the states of the model that ranked already tell little that its vectors do not.</summary>
    private const double LateInteractionWeight = EmbeddingReranker.MeasuredWeight;

    /// <summary>A model that reads both texts at once knows more than the rankers; they still break its ties.</summary>
    private const double CrossEncoderWeight = 0.7;
}
