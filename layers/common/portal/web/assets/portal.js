(function(){"use strict";
var all=function(s,f){Array.prototype.forEach.call(document.querySelectorAll(s),f)};
var note=function(field,text,id){var box=field.closest(".field")||field.parentNode,p=box.querySelector("[data-note="+id+"]");
 if(!text){if(p)p.remove();return}
 if(!p){p=document.createElement("p");p.className="hint";p.setAttribute("role","status");p.setAttribute("data-note",id);field.insertAdjacentElement("afterend",p)}
 p.textContent=text};
/* The summary of errors takes the focus, so that a screen reader starts there. */
all("[data-focus]",function(e){e.focus()});
/* Passwords: show and hide, full-width input and Caps Lock pointed out, the value never altered. */
all("[data-password-field]",function(f){
 var b=document.createElement("button");b.type="button";b.className="small reveal";b.textContent="パスワードを表示";b.setAttribute("aria-pressed","false");b.setAttribute("aria-controls",f.id);
 f.insertAdjacentElement("afterend",b);
 b.addEventListener("click",function(){var s=f.type==="password";f.type=s?"text":"password";b.textContent=s?"パスワードを隠す":"パスワードを表示";b.setAttribute("aria-pressed",String(s))});
 if(f.form)f.form.addEventListener("submit",function(){f.type="password"});
 var look=function(){note(f,/[^\x20-\x7e]/.test(f.value)?"日本語入力がオンになっています。半角の英数字で入力してください。":"","ime")};
 f.addEventListener("input",look);f.addEventListener("compositionend",look);
 f.addEventListener("keyup",function(e){if(e.getModifierState)note(f,e.getModifierState("CapsLock")?"Caps Lock がオンになっています。大文字になります。":"","caps")})});
/* The rules of a new password are ticked while typing. */
all("[data-rules-for]",function(list){var f=document.getElementById(list.getAttribute("data-rules-for"));if(!f)return;
 var rules={length:/^.{8,20}$/,digit:/[0-9]/,upper:/[A-Z]/,alphabet:/^[a-zA-Z0-9!"#$%]+$/};
 var tick=function(){Array.prototype.forEach.call(list.querySelectorAll("[data-rule]"),function(li){var r=rules[li.getAttribute("data-rule")];if(r)li.classList.toggle("met",r.test(f.value))})};
 f.addEventListener("input",tick);tick()});
/* Enter that only ends a composition must not send the form. */
document.addEventListener("keydown",function(e){if(e.key==="Enter"&&(e.isComposing||e.keyCode===229))e.preventDefault()},true);
/* Digits only: hyphens and full-width digits are folded when the field is left. */
all("[data-digits]",function(f){f.addEventListener("change",function(){f.value=f.value.normalize("NFKC").replace(/[-\u2010-\u2015\u2212\u30fc\s]/g,"")})});
/* Leaving with unsaved changes is warned of; a double press sends once. */
all("form",function(form){var sent=false,changed=form.hasAttribute("data-unsaved");
 form.addEventListener("input",function(){changed=true});form.addEventListener("change",function(){changed=true});
 form.addEventListener("submit",function(e){if(e.defaultPrevented)return;if(sent&&form.method==="post"){e.preventDefault();return}if(form.method!=="dialog")sent=true});
 window.addEventListener("pageshow",function(e){if(e.persisted)sent=false});
 if(form.hasAttribute("data-warn-unsaved"))window.addEventListener("beforeunload",function(e){if(changed&&!sent){e.preventDefault();e.returnValue=""}})});
/* A page that waits for news loads itself again, a few times and slower each time. */
all("[data-reload]",function(e){var n=Number(new URLSearchParams(location.search).get("n")||0);
 if(n<6)setTimeout(function(){if(!document.hidden)location.replace(location.pathname+"?n="+(n+1))},(Number(e.getAttribute("data-reload"))||4)*1000*(n+1))});
all("[data-print]",function(b){b.hidden=false;b.addEventListener("click",function(){window.print()})});
})();
