using System.Text.Json;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>
/// The host's reranker over texts that a request brings: POST /v1/rerank as Cohere and Jina have it, POST /rerank as Text Embeddings
/// Inference, so that their clients work with this host.
/// </summary>
internal static class RerankEndpoints
{
    /// <summary>As many as Cohere recommends at most; more belong to several requests.</summary>
    private const int MaxTexts = 1000;

    public static void Map(WebApplication application)
    {
        application
            .MapPost("/v1/rerank", RerankAsync)
            .Needs(Access.Read)
            .WithSummary("Order texts by how well they answer a query, as Cohere's and Jina's APIs do");
        application
            .MapPost("/rerank", RerankAsTeiAsync)
            .Needs(Access.Read)
            .WithSummary("Order texts by how well they answer a query, as Text Embeddings Inference does");
    }

    private static async Task<RerankTextsReply> RerankAsync(
        RerankTextsBody body,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        var top = body.TopN ?? int.MaxValue;
        if (top < 1)
            throw new ArgumentException($"top_n is at least 1, not {top}.");
        string[] texts = [.. body.Documents.Select(TextOf)];
        var reranker = RerankerOf(database);
        var ranked = await RankAsync(reranker, body.Query, texts, cancellationToken);
        return new RerankTextsReply(
            Guid.NewGuid().ToString(),
            reranker.Name,
            [
                .. ranked
                    .Take(top)
                    .Select(text => new RerankedText(
                        text.Index,
                        reranker.Relevance(text.Score),
                        body.ReturnDocuments ? new RerankedDocument(texts[text.Index]) : null
                    )),
            ]
        );
    }

    private static async Task<IReadOnlyList<TeiRank>> RerankAsTeiAsync(
        TeiRerankBody body,
        OpenedDatabase database,
        CancellationToken cancellationToken
    )
    {
        var reranker = RerankerOf(database);
        var ranked = await RankAsync(reranker, body.Query, body.Texts, cancellationToken);
        return
        [
            .. ranked.Select(text => new TeiRank(
                text.Index,
                body.RawScores ? text.Score : reranker.Relevance(text.Score),
                body.ReturnText ? body.Texts[text.Index] : null
            )),
        ];
    }

    private static async Task<(int Index, double Score)[]> RankAsync(
        IReranker reranker,
        string query,
        IReadOnlyList<string> texts,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrWhiteSpace(query))
            throw new ArgumentException("query is empty.");
        if (texts.Count is 0 or > MaxTexts)
            throw new ArgumentException($"1 to {MaxTexts} texts can be reranked at a time, not {texts.Count}.");
        var scores = await reranker.ScoreAsync(query, texts, cancellationToken);
        return [.. scores.Select((score, i) => (i, score)).OrderByDescending(text => text.score)];
    }

    private static IReranker RerankerOf(OpenedDatabase database) =>
        database.Reranker
        ?? throw RequestException.Wrong("This host has no reranker: its settings name one under Search:Reranker (a folder, or 'late').");

    private static string TextOf(JsonElement document) =>
        document.ValueKind switch
        {
            JsonValueKind.String => document.GetString()!,
            JsonValueKind.Object when document.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String =>
                text.GetString()!,
            _ => throw new ArgumentException("documents holds texts, or objects with a \"text\"."),
        };
}
