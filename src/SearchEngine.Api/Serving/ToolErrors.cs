using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using SearchEngine.Api.Requests;

namespace SearchEngine.Api.Serving;

/// <summary>
/// What a caller of a tool did wrong in a sentence that the agent can act on: the protocol's package says only that an error occurred where
/// arguments are missing or of another kind, or the host is not ready, and logs it as a failure of the host.
/// </summary>
internal static class ToolErrors
{
    public static IMcpServerBuilder WithPlainErrors(this IMcpServerBuilder builder) =>
        builder.WithRequestFilters(filters =>
            filters.AddCallToolFilter(next =>
                async (request, cancellationToken) =>
                {
                    try
                    {
                        return await next(request, cancellationToken);
                    }
                    catch (Exception e)
                        when (e is McpException and not McpProtocolException or ArgumentException or JsonException or RequestException)
                    {
                        var message =
                            e is JsonException
                                ? "An argument is not of the kind that the tool takes; tools/list says which it does."
                                : e.Message;
                        return new CallToolResult
                        {
                            IsError = true,
                            Content = [new TextContentBlock { Text = request.Services!.GetRequiredService<PublicText>().Of(message) }],
                        };
                    }
                }
            )
        );
}
