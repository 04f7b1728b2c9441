using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;

namespace SearchEngine.Api.Endpoints;

/// <summary>
/// POST /v1/embeddings and GET /v1/models as OpenAI's API has them, so that its clients embed with the host's model. Texts are embedded as
/// documents are; a model with another prompt for queries is asked for as "NAME:query".
/// </summary>
internal static class EmbeddingEndpoints
{
    /// <summary>As many as OpenAI takes.</summary>
    private const int MaxInputs = 2048;

    private const string QuerySuffix = ":query";

    public static void Map(WebApplication application)
    {
        application
            .MapPost("/v1/embeddings", EmbedAsync)
            .Needs(Access.Read)
            .WithSummary("Embed texts with the host's model, as OpenAI's API does");
        application
            .MapGet(
                "/v1/models",
                (OpenedDatabase database) =>
                    new ModelsReply(
                        "list",
                        database.ModelName is { } name
                            ?
                            [
                                new ModelReply(name, "model", 0, "searchengine"),
                                new ModelReply(name + QuerySuffix, "model", 0, "searchengine"),
                            ]
                            : []
                    )
            )
            .Needs(Access.Read)
            .WithSummary("The host's model");
    }

    private static async Task<EmbeddingsReply> EmbedAsync(EmbeddingsBody body, OpenedDatabase database, CancellationToken cancellationToken)
    {
        var embedder = database.Embedder ?? throw RequestException.Wrong("This host has no embedding model.");
        var texts = ReadInput(body.Input);
        var isBase64 = body.EncodingFormat switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw new ArgumentException("encoding_format is float or base64."),
        };
        var dimension = body.Dimensions ?? database.Dimension!.Value;
        if (dimension < 1 || dimension > database.Dimension)
            throw new ArgumentException($"dimensions is from 1 to {database.Dimension}, not {dimension}.");
        var generator =
            body.Model?.EndsWith(QuerySuffix, StringComparison.Ordinal) == true
                ? embedder.QueryGenerator ?? embedder.Generator
                : embedder.Generator;
        var made = await generator.GenerateAsync(texts, cancellationToken: cancellationToken);
        var tokens = (int?)made.Usage?.InputTokenCount ?? texts.Sum(database.CountTokens);
        return new EmbeddingsReply(
            "list",
            [
                .. made.Select(
                    (embedding, i) => new EmbeddingReply("embedding", i, Encode(Shorten(embedding.Vector.Span, dimension), isBase64))
                ),
            ],
            body.Model ?? database.ModelName ?? string.Empty,
            new EmbeddingUsage(tokens, tokens)
        );
    }

    private static string[] ReadInput(JsonElement input)
    {
        string[] texts;
        try
        {
            texts = input.ValueKind switch
            {
                JsonValueKind.String => [input.GetString()!],
                JsonValueKind.Array => [.. input.EnumerateArray().Select(item => item.GetString()!)],
                _ => [],
            };
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException("input is a text or a list of texts; lists of tokens are not taken.", e);
        }

        if (texts.Length is 0 or > MaxInputs)
            throw new ArgumentException($"input is a text, or a list of 1 to {MaxInputs} texts.");
        return texts.Any(string.IsNullOrEmpty) ? throw new ArgumentException("input holds an empty text.") : texts;
    }

    /// <summary>The leading components, of length 1 again.</summary>
    private static float[] Shorten(ReadOnlySpan<float> vector, int dimension)
    {
        var shortened = vector[..dimension].ToArray();
        if (dimension == vector.Length)
            return shortened;
        var norm = TensorPrimitives.Norm<float>(shortened);
        if (norm > 0)
            TensorPrimitives.Divide(shortened, norm, shortened);
        return shortened;
    }

    private static object Encode(float[] vector, bool isBase64) =>
        isBase64 ? Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan())) : vector;
}
