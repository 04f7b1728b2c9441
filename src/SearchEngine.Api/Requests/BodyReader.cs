using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Reads a JSON body whole before the request is admitted, within bounds of bytes and time, so that whoever sends slowly holds up nobody
/// but himself; refuses what is no JSON by its type, its charset or its bytes.
/// </summary>
internal sealed class BodyReader(RequestDelegate next, ApiSettings settings)
{
    private const int FirstBytes = 16 << 10;

    private long _buffered;

    public async Task InvokeAsync(HttpContext context)
    {
        var rules = EndpointRules.Of(context);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || rules is null)
        {
            await next(context);
            return;
        }

        RequirePlain(context.Request);
        if (rules.Body == BodyKind.Stream)
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                size.MaxRequestBodySize = settings.MaxUploadBytes;
            await next(context);
            return;
        }

        RequireJson(context.Request);
        var held = 0L;
        var body = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            var length = 0;
            var reader = context.Request.BodyReader;
            // Not by the read's own token: a read that ends so leaves the connection's reader in the middle of it.
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(settings.BodySeconds));
            using var ending = deadline.Token.Register(reader.CancelPendingRead);
            for (var isWhole = false; !isWhole; )
            {
                var read = await ReadAsync(reader, context.RequestAborted);
                if (read.IsCanceled)
                {
                    reader.AdvanceTo(read.Buffer.Start);
                    throw TooSlow();
                }

                length += (int)Math.Min(read.Buffer.Length, int.MaxValue - length);
                if (length > settings.MaxRequestBytes)
                {
                    reader.AdvanceTo(read.Buffer.End);
                    throw TooLarge();
                }

                while (length > body.Length)
                {
                    if (Grow(ref body, ref held))
                        continue;
                    reader.AdvanceTo(read.Buffer.End);
                    throw RequestException.Busy(
                        "The bodies of other requests fill the memory that is set aside for them; try again in a second."
                    );
                }

                read.Buffer.CopyTo(body.AsSpan(length - (int)read.Buffer.Length));
                reader.AdvanceTo(read.Buffer.End);
                isWhole = read.IsCompleted;
            }

            if (!Utf8.IsValid(body.AsSpan(0, length)))
                throw RequestException.Wrong("The body is not valid UTF-8.");
            context.Request.Body = new MemoryStream(body, 0, length, writable: false);
            // Whoever reads by the pipe gets it in one piece.
            context.Features.Set<IRequestBodyPipeFeature>(new WholeBody(new ReadOnlySequence<byte>(body, 0, length)));
            context.Request.ContentLength = length;
            await next(context);
        }
        finally
        {
            Interlocked.Add(ref _buffered, -held);
            ArrayPool<byte>.Shared.Return(body);
        }
    }

    /// <summary>A body that is there already.</summary>
    private sealed class WholeBody(ReadOnlySequence<byte> body) : IRequestBodyPipeFeature
    {
        public PipeReader Reader { get; } = PipeReader.Create(body);
    }

    /// <summary>A buffer of twice the size; false where that would be more than all bodies may have together.</summary>
    private bool Grow(ref byte[] body, ref long held)
    {
        var grown = ArrayPool<byte>.Shared.Rent(body.Length * 2);
        held += grown.Length - body.Length;
        if (Interlocked.Add(ref _buffered, grown.Length - body.Length) > settings.MaxBufferedBytes)
        {
            ArrayPool<byte>.Shared.Return(grown);
            return false;
        }

        body.CopyTo(grown, 0);
        ArrayPool<byte>.Shared.Return(body);
        body = grown;
        return true;
    }

    private async ValueTask<ReadResult> ReadAsync(PipeReader reader, CancellationToken aborted)
    {
        try
        {
            return await reader.ReadAsync(aborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw TooLarge();
        }
        catch (IOException e) when (e is not BadHttpRequestException and not ConnectionResetException)
        {
            throw RequestException.Wrong("The body is not sent as its headers say.");
        }
    }

    private RequestException TooSlow() =>
        new(StatusCodes.Status408RequestTimeout, "Too slow", $"The body did not arrive within {settings.BodySeconds} seconds.");

    private RequestException TooLarge() =>
        new(
            StatusCodes.Status413PayloadTooLarge,
            "Too large",
            $"A body has at most {settings.MaxRequestBytes} bytes; send documents in smaller batches, or as an import."
        );

    /// <summary>A packed body would be limited by its packed bytes, or be read as what it is not.</summary>
    private static void RequirePlain(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.ToString() is not ("" or "identity"))
            throw RequestException.Unsupported("Bodies are sent as they are, without a Content-Encoding.");
    }

    private static void RequireJson(HttpRequest request)
    {
        if (request.ContentType is null && request.ContentLength is null or 0 && !request.Headers.ContainsKey(HeaderNames.TransferEncoding))
            return;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsJson(type))
            throw RequestException.Unsupported("This address takes JSON: send it with Content-Type: application/json.");
        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw RequestException.Unsupported("JSON is sent in UTF-8, not in another charset.");
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
}
