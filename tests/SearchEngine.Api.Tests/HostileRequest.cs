using System.Net.Http.Headers;
using System.Text;

namespace SearchEngine.Api.Tests;

/// <summary>A request that no honest program sends, and the answers that are right.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The address.</param>
/// <param name="Body">The body's bytes; null for none.</param>
/// <param name="Status">The status that must come back.</param>
/// <param name="Says">A part of the sentence that must come back.</param>
/// <param name="ContentType">The body's type.</param>
internal sealed record HostileRequest(
    string Method,
    string Path,
    byte[]? Body,
    int Status,
    string Says,
    string? ContentType = "application/json"
)
{
    public static HostileRequest Post(string path, string body, int status, string says, string? contentType = "application/json") =>
        new("POST", "/collections/h" + path, Encoding.UTF8.GetBytes(body), status, says, contentType);

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Path);
        if (Body is null)
            return message;
        message.Content = new ByteArrayContent(Body);
        if (ContentType is not null)
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
        return message;
    }

    public override string ToString() =>
        $"{Method} {Path} {(Body is null ? string.Empty : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 100))))}";
}
